<resource schema="rr" resdir="rr">
  <meta name="title">Relational registry of the test services</meta>
  <meta name="description">Generated resources in the schema of RegTAP 1.1.</meta>
  <meta name="creationDate">2026-01-01T00:00:00Z</meta>
  <meta name="subject">registry</meta>
  <meta name="creator.name">Portal tests</meta>

  <STREAM id="fill">
    <data id="import_\name">
      <make table="\name">
        <script type="preIndex" lang="python">
          with open(table.tableDef.rd.resdir + "/\name.csv", encoding="utf-8") as source:
            table.connection.cursor().copy_expert("COPY rr.\name FROM STDIN CSV", source)
        </script>
      </make>
    </data>
  </STREAM>

  <table id="resource" onDisk="True" adql="True" primary="ivoid">
    <column name="ivoid" type="text" required="True" description="IVOA identifier"/>
    <column name="res_type" type="text" description="Type of the resource"/>
    <column name="created" type="timestamp" description="When it was created"/>
    <column name="short_name" type="text" description="Short name"/>
    <column name="res_title" type="text" description="Title"/>
    <column name="updated" type="timestamp" description="When it was changed"/>
    <column name="content_level" type="text" description="Intended audience"/>
    <column name="res_description" type="text" description="Description"/>
    <column name="reference_url" type="text" description="Where humans can read more"/>
    <column name="creator_seq" type="text" description="Creators, in order"/>
    <column name="content_type" type="text" description="Nature of the content"/>
    <column name="source_format" type="text" description="Format of source_value"/>
    <column name="source_value" type="text" description="Bibliographic source"/>
    <column name="res_version" type="text" description="Version"/>
    <column name="region_of_regard" type="real" unit="deg" description="Angular scale"/>
    <column name="waveband" type="text" description="Wavebands, separated by hashes"/>
    <column name="rights" type="text" description="Rights"/>
  </table>
  <table id="capability" onDisk="True" adql="True">
    <index columns="ivoid"/>
    <column name="ivoid" type="text" required="True" description="Resource"/>
    <column name="cap_index" type="smallint" required="True" description="Running number"/>
    <column name="cap_type" type="text" description="Type of the capability"/>
    <column name="cap_description" type="text" description="Description"/>
    <column name="standard_id" type="text" description="Standard it follows"/>
  </table>
  <table id="interface" onDisk="True" adql="True">
    <index columns="ivoid"/>
    <column name="ivoid" type="text" required="True" description="Resource"/>
    <column name="cap_index" type="smallint" required="True" description="Capability"/>
    <column name="intf_index" type="smallint" required="True" description="Running number"/>
    <column name="intf_type" type="text" description="Type of the interface"/>
    <column name="intf_role" type="text" description="std for the standard's own interface"/>
    <column name="std_version" type="text" description="Version of the standard"/>
    <column name="query_type" type="text" description="HTTP methods"/>
    <column name="result_type" type="text" description="Media type of answers"/>
    <column name="wsdl_url" type="text" description="WSDL"/>
    <column name="url_use" type="text" description="base, full or dir"/>
    <column name="access_url" type="text" description="Address"/>
    <column name="mirror_url" type="text" description="Mirrors"/>
  </table>
  <table id="res_subject" onDisk="True" adql="True">
    <index columns="ivoid"/>
    <column name="ivoid" type="text" required="True" description="Resource"/>
    <column name="res_subject" type="text" description="Topic"/>
  </table>
  <table id="res_role" onDisk="True" adql="True">
    <index columns="ivoid"/>
    <column name="ivoid" type="text" required="True" description="Resource"/>
    <column name="role_name" type="text" description="Name"/>
    <column name="role_ivoid" type="text" description="Its identifier"/>
    <column name="street_address" type="text" description="Address"/>
    <column name="email" type="text" description="E-mail"/>
    <column name="telephone" type="text" description="Telephone"/>
    <column name="logo" type="text" description="Logo"/>
    <column name="base_role" type="text" description="contact, publisher, creator, ..."/>
  </table>

  <table id="alt_identifier" onDisk="True" adql="True">
    <index columns="ivoid"/>
    <column name="ivoid" type="text" required="True" description="Resource"/>
    <column name="alt_identifier" type="text" description="Another identifier, such as a DOI"/>
  </table>
  <table id="relationship" onDisk="True" adql="True">
    <index columns="ivoid"/>
    <column name="ivoid" type="text" required="True" description="Resource"/>
    <column name="relationship_type" type="text" description="How they are related"/>
    <column name="related_id" type="text" description="Identifier of the other one"/>
    <column name="related_name" type="text" description="Name of the other one"/>
  </table>
  <table id="res_date" onDisk="True" adql="True">
    <index columns="ivoid"/>
    <column name="ivoid" type="text" required="True" description="Resource"/>
    <column name="date_value" type="timestamp" description="When it happened"/>
    <column name="value_role" type="text" description="What happened"/>
  </table>
  <table id="res_detail" onDisk="True" adql="True">
    <index columns="ivoid"/>
    <column name="ivoid" type="text" required="True" description="Resource"/>
    <column name="cap_index" type="smallint" description="Capability">
      <values nullLiteral="-9999"/>
    </column>
    <column name="detail_xpath" type="text" description="What is said"/>
    <column name="detail_value" type="text" description="What is said of it"/>
  </table>
  <table id="res_table" onDisk="True" adql="True">
    <index columns="ivoid"/>
    <column name="ivoid" type="text" required="True" description="Resource"/>
    <column name="schema_index" type="smallint" description="Schema">
      <values nullLiteral="-9999"/>
    </column>
    <column name="table_description" type="text" description="Description"/>
    <column name="table_name" type="text" description="Name"/>
    <column name="table_index" type="smallint" required="True" description="Running number"/>
    <column name="table_title" type="text" description="Title"/>
    <column name="table_type" type="text" description="Role of the table"/>
    <column name="table_utype" type="text" description="Data model"/>
  </table>
  <table id="table_column" onDisk="True" adql="True">
    <index columns="ivoid"/>
    <column name="ivoid" type="text" required="True" description="Resource"/>
    <column name="table_index" type="smallint" required="True" description="Table"/>
    <column name="name" type="text" description="Name"/>
    <column name="ucd" type="text" description="UCD"/>
    <column name="unit" type="text" description="Unit"/>
    <column name="utype" type="text" description="Utype"/>
    <column name="datatype" type="text" description="Type"/>
    <column name="column_description" type="text" description="Description"/>
  </table>
  <table id="stc_spatial" onDisk="True" adql="True">
    <index columns="ivoid"/>
    <column name="ivoid" type="text" required="True" description="Resource"/>
    <column name="coverage" type="smoc" description="Where on the sky"/>
    <column name="ref_system_name" type="text" description="Frame, if it is not ICRS"/>
  </table>
  <table id="stc_temporal" onDisk="True" adql="True">
    <index columns="ivoid"/>
    <column name="ivoid" type="text" required="True" description="Resource"/>
    <column name="time_start" type="double precision" unit="d" description="From, MJD"/>
    <column name="time_end" type="double precision" unit="d" description="To, MJD"/>
  </table>
  <table id="stc_spectral" onDisk="True" adql="True">
    <index columns="ivoid"/>
    <column name="ivoid" type="text" required="True" description="Resource"/>
    <column name="spectral_start" type="double precision" unit="J" description="From"/>
    <column name="spectral_end" type="double precision" unit="J" description="To"/>
  </table>

  <FEED source="fill" name="resource"/>
  <FEED source="fill" name="capability"/>
  <FEED source="fill" name="interface"/>
  <FEED source="fill" name="res_subject"/>
  <FEED source="fill" name="res_role"/>
  <FEED source="fill" name="alt_identifier"/>
  <FEED source="fill" name="relationship"/>
  <FEED source="fill" name="res_date"/>
  <FEED source="fill" name="res_detail"/>
  <FEED source="fill" name="res_table"/>
  <FEED source="fill" name="table_column"/>
  <FEED source="fill" name="stc_spatial"/>
  <FEED source="fill" name="stc_temporal"/>
  <FEED source="fill" name="stc_spectral"/>
</resource>
