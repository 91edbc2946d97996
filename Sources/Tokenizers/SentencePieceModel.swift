// A SentencePiece `.model` file: the pieces, and what of its training and normalizing decides ids.

import Core
import Foundation

/// What a `.model` file says, checked; what it leaves out has the value of the format's definition.
struct SentencePieceModel {
  struct Piece {
    var text: String
    var score: Float
    var kind: Kind
  }

  enum Kind: Int {
    case normal = 1
    case unknown, control, userDefined, unused, byte
  }

  enum ModelType: Int {
    case unigram = 1
    case bpe, word, character
  }

  /// In the order of their ids.
  private(set) var pieces: [Piece] = []
  private(set) var modelType = ModelType.unigram
  private(set) var fallsBackToBytes = false
  private(set) var unknownID = 0
  /// Empty for none.
  private(set) var charsmap: [UInt8] = []
  private(set) var addsDummyPrefix = true
  private(set) var removesExtraSpaces = true
  private(set) var escapesSpaces = true

  /// The file, for messages.
  let place: FileSection

  /// More pieces, longer ones and larger files than any real vocabulary has are refused: recovering
  /// merges takes all pairs that a piece can be cut into.
  static let pieceLimit = 1 << 22
  static let pieceByteLimit = 1 << 10
  static let sizeLimit = 64 << 20

  /// Reads a file.
  ///
  /// - Throws: `malformed` for bytes that are no such model and for contradictions in it, `system`
  ///   for a file that cannot be read.
  init(file url: URL) throws(Failure) {
    let place = FileSection(file: FilePaths.display(url), json: .null)
    let bytes = try FileSection.bytes(of: url)
    guard bytes.count <= Self.sizeLimit else {
      throw place.unsupported("\(bytes.count) bytes, more than the \(Self.sizeLimit) of any model")
    }
    try self.init(Array(bytes), place)
  }

  init(_ bytes: [UInt8], _ place: FileSection) throws(Failure) {
    self.place = place
    var message = WireMessage(bytes, bytes.indices, place)
    while let field = try message.next() {
      switch field.number {
      case 1: try readPiece(message.message(field), field)
      case 2: try readTrainer(message.message(field))
      case 3: try readNormalizer(message.message(field))
      default: break
      }
    }
    try check()
  }

  private mutating func readPiece(
    _ message: WireMessage, _ field: WireMessage.Field
  ) throws(Failure) {
    guard pieces.count < Self.pieceLimit else {
      throw place.unsupported("the model has more than \(Self.pieceLimit) pieces")
    }
    var message = message
    var piece = Piece(text: "", score: 0, kind: .normal)
    while let part = try message.next() {
      switch part.number {
      case 1: piece.text = try message.text(part)
      case 2: piece.score = try message.float(part)
      case 3:
        let number = try message.integer(part)
        guard let kind = Kind(rawValue: number) else {
          throw message.malformed("piece \(pieces.count) has the type \(number)", part.offset)
        }
        piece.kind = kind
      default: break
      }
    }
    guard piece.score.isFinite else {
      throw message.malformed(
        "the score of piece \(pieces.count), '\(piece.text)', is \(piece.score)", field.offset)
    }
    pieces.append(piece)
  }

  private mutating func readTrainer(_ message: WireMessage) throws(Failure) {
    var message = message
    while let field = try message.next() {
      switch field.number {
      case 3:
        let number = try message.integer(field)
        guard let type = ModelType(rawValue: number) else {
          throw message.malformed("the model type \(number)", field.offset)
        }
        modelType = type
      case 35: fallsBackToBytes = try message.flag(field)
      case 40: unknownID = try message.integer(field)
      default: break
      }
    }
  }

  private mutating func readNormalizer(_ message: WireMessage) throws(Failure) {
    var message = message
    while let field = try message.next() {
      switch field.number {
      case 2: charsmap = try message.data(field)
      case 3: addsDummyPrefix = try message.flag(field)
      case 4: removesExtraSpaces = try message.flag(field)
      case 5: escapesSpaces = try message.flag(field)
      default: break
      }
    }
  }

  /// What SentencePiece itself asks of a model.
  private func check() throws(Failure) {
    if pieces.isEmpty {
      throw place.malformed("no pieces", hint: "the file is damaged, or no SentencePiece model")
    }
    var seen: Set<[UInt8]> = []
    seen.reserveCapacity(pieces.count)
    var unknowns: [Int] = []
    for (id, piece) in pieces.enumerated() {
      if piece.text.isEmpty { throw place.malformed("piece \(id) is empty") }
      guard piece.text.utf8.count <= Self.pieceByteLimit else {
        throw place.unsupported(
          "piece \(id) has \(piece.text.utf8.count) bytes, more than \(Self.pieceByteLimit)")
      }
      // By bytes: Swift holds texts for equal that are written differently.
      guard seen.insert(Array(piece.text.utf8)).inserted else {
        throw place.malformed("piece \(id), '\(piece.text)', is there twice")
      }
      if piece.kind == .unknown { unknowns.append(id) }
    }
    guard unknowns.count == 1, unknowns[0] == unknownID else {
      throw place.malformed(
        "the pieces of type unknown are \(unknowns), but the trainer's unk_id is \(unknownID)")
    }
  }
}
