<resource schema="sky" resdir="sky">
  <meta name="title">Sky images</meta>
  <meta name="description">Generated images with links (DataLink) and cut-outs (SODA).</meta>
  <meta name="creationDate">2026-01-01T00:00:00Z</meta>
  <meta name="subject">images</meta>
  <meta name="creator.name">Portal tests</meta>

  <table id="images" onDisk="True" mixin="//siap#pgs" adql="True">
    <meta name="_associatedDatalinkService">
      <meta name="serviceId">dl</meta>
      <meta name="idColumn">pub_did</meta>
    </meta>
    <column name="object" type="text" ucd="meta.id;src" description="What is seen"/>
    <column name="pub_did" type="text" ucd="meta.ref.ivoid" description="Identifier"/>
  </table>

  <data id="import">
    <sources pattern="data/*.fits"/>
    <fitsProdGrammar qnd="True">
      <rowfilter procDef="//products#define">
        <bind name="table">"\schema.images"</bind>
      </rowfilter>
    </fitsProdGrammar>
    <make table="images">
      <rowmaker>
        <apply procDef="//siap#computePGS"/>
        <apply procDef="//siap#setMeta">
          <bind name="title">@OBJECT</bind>
          <bind name="dateObs">58849.0</bind>
          <bind name="bandpassId">"radio"</bind>
          <bind name="instrument">"Test instrument"</bind>
        </apply>
        <map key="object">@OBJECT</map>
        <map key="pub_did">\standardPubDID</map>
      </rowmaker>
    </make>
  </data>

  <service id="dl" allowed="dlget,dlmeta">
    <meta name="title">Links and cut-outs</meta>
    <datalinkCore>
      <descriptorGenerator procDef="//soda#fits_genDesc" name="genFITSDesc">
        <bind key="accrefPrefix">'sky/data'</bind>
      </descriptorGenerator>
      <metaMaker semantics="#documentation">
        <code>
          yield descriptor.makeLink("https://portal.test/about", description="About the images",
            contentType="text/html")
        </code>
      </metaMaker>
      <FEED source="//soda#fits_standardDLFuncs"/>
    </datalinkCore>
  </service>

  <service id="sia" allowed="siap.xml">
    <meta name="title">Image search</meta>
    <meta name="shortName">sky sia</meta>
    <meta name="sia.type">Pointed</meta>
    <meta name="testQuery.pos.ra">180</meta>
    <meta name="testQuery.pos.dec">40</meta>
    <meta name="testQuery.size.ra">1</meta>
    <meta name="testQuery.size.dec">1</meta>
    <dbCore queriedTable="images">
      <condDesc original="//siap#protoInput"/>
    </dbCore>
  </service>
</resource>
