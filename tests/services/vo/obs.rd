<resource schema="obs" resdir="obs">
  <meta name="title">Observations</meta>
  <meta name="description">Generated observations, published through ObsCore.</meta>
  <meta name="creationDate">2026-01-01T00:00:00Z</meta>
  <meta name="subject">observations</meta>
  <meta name="creator.name">Portal tests</meta>

  <table id="observations" onDisk="True" adql="True" primary="obs_id">
    <mixin
      productType="product_type"
      productSubtype="subtype"
      calibLevel="calib_level"
      collectionName="collection"
      title="title"
      targetName="target"
      obsId="obs_id"
      did="'ivo://portal.test/~?' || obs_id"
      accessURL="access_url"
      mime="access_format"
      size="size_kb"
      preview="NULL"
      ra="ra"
      dec="dec"
      fov="fov"
      tMin="t_min"
      tMax="t_max"
      emMin="em_min"
      emMax="em_max"
      coverage="('{(' || greatest(ra-0.5,0) || 'd,' || greatest(dec-0.5,-89.9) || 'd),('
        || least(ra+0.5,359.99) || 'd,' || greatest(dec-0.5,-89.9) || 'd),('
        || least(ra+0.5,359.99) || 'd,' || least(dec+0.5,89.9) || 'd),('
        || greatest(ra-0.5,0) || 'd,' || least(dec+0.5,89.9) || 'd)}')::spoly"
      oUCD="'phot.flux.density;em.radio'"
      facilityName="'Test telescope'"
      instrumentName="'Test instrument'"
      >//obscore#publish</mixin>
    <column name="obs_id" type="text" required="True" ucd="meta.id" description="Identifier"/>
    <column name="collection" type="text" description="Data release"/>
    <column name="product_type" type="text" description="Data product type"/>
    <column name="subtype" type="text" description="Finer type"/>
    <column name="calib_level" type="smallint" required="True" description="Calibration level"/>
    <column name="title" type="text" description="Title"/>
    <column name="target" type="text" description="Target"/>
    <column name="ra" type="double precision" unit="deg" description="Centre"/>
    <column name="dec" type="double precision" unit="deg" description="Centre"/>
    <column name="fov" type="double precision" unit="deg" description="Field of view"/>
    <column name="t_min" type="double precision" unit="d" description="Start (MJD)"/>
    <column name="t_max" type="double precision" unit="d" description="End (MJD)"/>
    <column name="em_min" type="double precision" unit="m" description="Shortest wavelength"/>
    <column name="em_max" type="double precision" unit="m" description="Longest wavelength"/>
    <column name="access_url" type="text" description="Where the data are"/>
    <column name="access_format" type="text" description="Media type"/>
    <column name="size_kb" type="bigint" required="True" unit="kbyte" description="Size"/>
  </table>
  <data id="import">
    <make table="observations">
      <script type="preIndex" lang="python">
        with open(table.tableDef.rd.resdir + "/observations.csv", encoding="utf-8") as source:
          table.connection.cursor().copy_expert("COPY obs.observations FROM STDIN CSV", source)
      </script>
    </make>
  </data>
</resource>
