// Amounts of bytes: how people write them, what is refused, and how they are shown.

import Core
import Testing

@Suite struct `Amounts of bytes` {
  @Test(arguments: [
    // Powers of 1000, of 1024, fractions: 1.5 · 1024³ = 1610612736.
    ("4GB", 4_000_000_000), ("4GiB", 4_294_967_296), ("512M", 512_000_000), ("512Mi", 536_870_912),
    ("1.5gib", 1_610_612_736), ("2 TB", 2_000_000_000_000), ("100k", 100_000), ("7", 7),
    ("7B", 7), ("1e", nil), ("", nil), ("GB", nil), ("4 GB!", nil), ("-1GB", nil), ("0", nil),
    ("4XB", nil), ("1..5G", nil), ("9999999TB", nil), ("nan", nil), ("4  GB", nil),
  ])
  func `are read as people write them`(text: String, bytes: Int?) {
    #expect((try? ByteCount(text, of: "--memory"))?.bytes == bytes)
  }

  @Test func `that make no sense are refused with the option's name`() {
    #expect {
      _ = try ByteCount("four", of: "--memory")
    } throws: { error in
      let failure = error as? Failure
      return failure?.code == .usage && failure?.subject == "--memory"
        && failure?.hint == "write it as --memory 4GB, 4GiB or 512M"
    }
  }

  @Test(arguments: [
    (0, "0 bytes"), (999, "999 bytes"), (1000, "1.00 kB"), (1_256_000, "1.26 MB"),
    (12_345_678, "12.3 MB"),
    (99_960_000, "100 MB"), (999_600_000, "1.00 GB"), (48_000_000_000, "48.0 GB"),
    (5_000_000_000_000, "5.00 TB"),
  ])
  func `are shown with three digits`(bytes: Int, text: String) {
    #expect(ByteCount(bytes).description == text)
  }
}
