<resource schema="labcat" resdir="labcat">
  <meta name="title">Laboratory catalogue</meta>
  <meta name="description">Generated sources all over the sky.</meta>
  <meta name="creationDate">2026-01-01T00:00:00Z</meta>
  <meta name="subject">catalogs</meta>
  <meta name="creator.name">Portal tests</meta>

  <table id="sources" onDisk="True" adql="True" mixin="//scs#q3cindex" primary="source_id">
    <column name="source_id" type="bigint" required="True" ucd="meta.id;meta.main"
      description="Number of the source"/>
    <column name="name" type="text" ucd="meta.id" description="Name; may hold a comma"/>
    <column name="ra" type="double precision" unit="deg" ucd="pos.eq.ra;meta.main"
      description="Right ascension (ICRS)"/>
    <column name="dec" type="double precision" unit="deg" ucd="pos.eq.dec;meta.main"
      description="Declination (ICRS)"/>
    <column name="mag" type="real" unit="mag" ucd="phot.mag;em.opt.V"
      description="Brightness; null for one source in ten"/>
    <column name="n_obs" type="integer" required="True" ucd="meta.number"
      description="Number of observations"/>
    <column name="variable" type="boolean" ucd="meta.code"
      description="Whether the brightness varies"/>
    <column name="position_error" type="real[2]" unit="arcsec" ucd="stat.error;pos.eq"
      description="Errors of ra and dec"/>
  </table>
  <data id="import">
    <make table="sources">
      <script type="preIndex" lang="python">
        with open(table.tableDef.rd.resdir + "/sources.csv", encoding="utf-8") as source:
          table.connection.cursor().copy_expert("COPY labcat.sources FROM STDIN CSV", source)
      </script>
    </make>
  </data>
  <service id="cone" allowed="scs.xml,form">
    <meta name="shortName">labcat cone</meta>
    <meta name="testQuery.ra">180</meta>
    <meta name="testQuery.dec">10</meta>
    <meta name="testQuery.sr">1</meta>
    <dbCore queriedTable="sources"><FEED source="//scs#coreDescs"/></dbCore>
  </service>
</resource>
