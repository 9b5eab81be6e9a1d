<resource schema="spectra" resdir="spectra">
  <meta name="title">Laboratory spectra</meta>
  <meta name="description">Generated spectra of stars around the south pole.</meta>
  <meta name="creationDate">2026-01-01T00:00:00Z</meta>
  <meta name="subject">spectra</meta>
  <meta name="creator.name">Portal tests</meta>

  <table id="spectra" onDisk="True" adql="True">
    <mixin fluxUnit="Jy" spectralUnit="m" fluxCalibration="RELATIVE">//ssap#hcd</mixin>
  </table>
  <data id="import">
    <make table="spectra">
      <script type="preIndex" lang="python">
        table.connection.cursor().execute("""
          INSERT INTO spectra.spectra (accref, owner, embargo, mime, accsize, ssa_dstitle,
            ssa_creatordid, ssa_pubdid, ssa_targname, ssa_targclass, ssa_redshift, ssa_location,
            ssa_targetpos, ssa_aperture, ssa_snr, ssa_dateobs, ssa_timeext, ssa_specmid,
            ssa_specext, ssa_specstart, ssa_specend)
          SELECT 'spectra/data/' || n || '.fits', NULL, NULL, 'application/fits', 50000 + n,
            'Laboratory spectrum ' || n, 'ivo://portal.test/made?' || n,
            'ivo://portal.test/~?spectra/' || n, 'Lab ' || n, 'star', n / 100.0, place, place,
            0.001, 10 + n, 58000 + n, 600, 5e-7 + n * 1e-9, 2e-7, 4e-7 + n * 1e-9, 6e-7 + n * 1e-9
          FROM (SELECT n, spoint(radians(n * 6), radians(-40 - n / 2.0)) AS place
            FROM generate_series(0, 59) AS n) AS numbers""")
      </script>
    </make>
  </data>
  <service id="ssa" allowed="ssap.xml,form">
    <meta name="shortName">lab spectra</meta>
    <meta name="ssap.dataSource">artificial</meta>
    <meta name="ssap.creationType">archival</meta>
    <meta name="ssap.testQuery">MAXREC=1</meta>
    <ssapCore queriedTable="spectra">
      <FEED source="//ssap#hcd_condDescs"/>
    </ssapCore>
  </service>
</resource>
