// Reading a file from beginning to end, block by block.

package import Foundation

extension FileHandle {
  /// Reads the next bytes into an array that serves for every block: new memory for each of them
  /// would cost more than reading a file that the system holds already.
  ///
  /// - Parameters:
  ///   - block: what was read last, or empty; then the next bytes, fewer than `size` at the end
  ///   - size: how many bytes to read
  /// - Throws: what the system says, such as `EIO`
  /// - Returns: false where the file has ended
  package func readBlock(
    into block: inout [UInt8], size: Int = 1 << 17
  ) throws(POSIXError) -> Bool {
    if block.count != size { block = [UInt8](repeating: 0, count: size) }
    var count: Int
    repeat {
      count = block.withUnsafeMutableBytes { Foundation.read(fileDescriptor, $0.baseAddress, size) }
    } while count < 0 && errno == EINTR
    guard count >= 0 else { throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO) }
    block.removeLast(size - count)
    return count > 0
  }
}
