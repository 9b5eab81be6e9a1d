<resource schema="images" resdir="images">
  <meta name="title">Laboratory images</meta>
  <meta name="description">Generated images in a band around the sky.</meta>
  <meta name="creationDate">2026-01-01T00:00:00Z</meta>
  <meta name="subject">images</meta>
  <meta name="creator.name">Portal tests</meta>

  <table id="images" onDisk="True" adql="True" mixin="//siap#pgs"/>
  <data id="import">
    <make table="images">
      <script type="preIndex" lang="python">
        table.connection.cursor().execute("""
          INSERT INTO images.images (accref, owner, embargo, mime, accsize, centeralpha,
            centerdelta, imagetitle, instid, dateobs, naxes, pixelsize, pixelscale, refframe, wcs_projection,
            bandpassid, bandpassunit, bandpasslo, bandpasshi, coverage)
          SELECT 'images/data/' || n || '.fits', NULL, NULL, 'image/fits', 1000000 + n,
            ra, dec, 'Laboratory image ' || n, 'Test camera', 58000 + n, 2, ARRAY[512, 512],
            ARRAY[0.002, 0.002], 'ICRS', 'TAN', 'V', 'm', 5e-7, 6e-7,
            ('{(' || ra - 0.5 || 'd,' || dec - 0.5 || 'd),(' || ra + 0.5 || 'd,' || dec - 0.5
              || 'd),(' || ra + 0.5 || 'd,' || dec + 0.5 || 'd),(' || ra - 0.5 || 'd,'
              || dec + 0.5 || 'd)}')::spoly
          FROM (SELECT n, (1 + n * 1.79)::numeric AS ra, ((n * 7) % 120 - 60)::numeric AS dec
            FROM generate_series(0, 199) AS n) AS numbers""")
      </script>
    </make>
  </data>
  <service id="sia" allowed="siap.xml,form">
    <meta name="shortName">lab images</meta>
    <meta name="sia.type">Pointed</meta>
    <meta name="testQuery.pos.ra">1</meta>
    <meta name="testQuery.pos.dec">-60</meta>
    <meta name="testQuery.size.ra">1</meta>
    <meta name="testQuery.size.dec">1</meta>
    <dbCore queriedTable="images">
      <condDesc original="//siap#protoInput"/>
      <condDesc original="//siap#humanInput"/>
    </dbCore>
  </service>
</resource>
