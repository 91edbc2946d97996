// swift-tools-version: 6.2
// The package: one executable over a stack of small libraries. The order of the targets is the
// order of the layers; an import never points up (Tests/HouseTests holds the table to that).

import PackageDescription

let swift: [SwiftSetting] = [
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
]

let package = Package(
  name: "borda",
  platforms: [.macOS(.v15)],
  products: [
    .executable(name: "borda", targets: ["borda"])
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
    .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
    .package(url: "https://github.com/apple/swift-nio-extras", from: "1.35.2"),
    .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
    .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
    .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1", traits: []),
    .package(url: "https://github.com/hummingbird-project/swift-mustache", from: "2.1.1"),
    .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
    .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
    .package(url: "https://github.com/swiftlang/swift-subprocess", from: "1.0.2"),
  ],
  targets: [
    // 0: C
    .target(name: "CKernels", cSettings: [.unsafeFlags(["-O3"])]),
    // 1: nouns
    .target(name: "Core", swiftSettings: swift),
    // 2: memory, files
    .target(name: "Tensors", dependencies: ["CKernels", "Core"], swiftSettings: swift),
    .target(
      name: "Storage",
      dependencies: [
        "Core", .product(name: "Crypto", package: "swift-crypto"),
        .product(name: "GRDB", package: "GRDB.swift"),
      ],
      swiftSettings: swift),
    .target(
      name: "Network",
      dependencies: [
        "Core",
        .product(name: "AsyncHTTPClient", package: "async-http-client"),
        .product(name: "NIOCore", package: "swift-nio"),
        .product(name: "NIOHTTP1", package: "swift-nio"),
        .product(name: "NIOHTTPCompression", package: "swift-nio-extras"),
        .product(name: "NIOPosix", package: "swift-nio"),
        .product(name: "NIOSSL", package: "swift-nio-ssl"),
      ],
      swiftSettings: swift),
    .target(
      name: "Catalogue", dependencies: ["Core", .product(name: "Yams", package: "Yams")],
      swiftSettings: swift),
    // 3: texts, data, numbers
    .target(name: "Tokenizers", dependencies: ["Core"], swiftSettings: swift),
    .target(
      name: "Datasets",
      dependencies: [
        "Core", "Sampling", .product(name: "Yams", package: "Yams"),
        .product(name: "Subprocess", package: "swift-subprocess"),
      ],
      swiftSettings: swift),
    .target(
      name: "Hub",
      dependencies: [
        "Core", "Network", "Storage", .product(name: "Crypto", package: "swift-crypto"),
        .product(name: "AsyncHTTPClient", package: "async-http-client"),
        .product(name: "NIOCore", package: "swift-nio"),
        .product(name: "NIOHTTP1", package: "swift-nio"),
      ],
      swiftSettings: swift),
    .target(name: "Metrics", dependencies: ["Core"], swiftSettings: swift),
    .target(name: "Sampling", swiftSettings: swift),
    .target(name: "Learning", dependencies: ["Core", "Sampling", "Tensors"], swiftSettings: swift),
    .target(name: "Merging", dependencies: ["Core", "Storage", "Tensors"], swiftSettings: swift),
    // 4: engines, evaluation, ranking
    .target(
      name: "Encoders", dependencies: ["Core", "Tensors", "Tokenizers"],
      swiftSettings: swift),
    .target(
      name: "Remote",
      dependencies: [
        "Core", "Network", .product(name: "Crypto", package: "swift-crypto"),
        .product(name: "AsyncHTTPClient", package: "async-http-client"),
        .product(name: "NIOCore", package: "swift-nio"),
        .product(name: "NIOHTTP1", package: "swift-nio"),
      ],
      swiftSettings: swift),
    .target(
      name: "Serving",
      dependencies: [
        "Core",
        .product(name: "NIOCore", package: "swift-nio"),
        .product(name: "NIOHTTP1", package: "swift-nio"),
        .product(name: "NIOPosix", package: "swift-nio"),
      ],
      swiftSettings: swift),
    .target(
      name: "Evaluation",
      dependencies: ["Core", "Storage", "Datasets", "Learning", "Metrics", "Sampling", "Tensors"],
      swiftSettings: swift),
    .target(
      name: "Leaderboard",
      dependencies: [
        "Core", "Sampling", .product(name: "Mustache", package: "swift-mustache"),
      ],
      swiftSettings: swift),
    // 5: the command line
    .executableTarget(
      name: "borda",
      dependencies: [
        "Core", "Tensors", "Storage", "Network", "Catalogue", "Datasets", "Hub", "Merging",
        "Encoders",
        "Remote", "Serving", "Evaluation", "Leaderboard",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      swiftSettings: swift),
    // Tests: the house, then every target, then the program as users run it
    .target(name: "TestSupport", dependencies: ["Core"], path: "Tests/TestSupport"),
    .target(
      name: "LoopbackServer",
      dependencies: [
        .product(name: "HummingbirdCore", package: "hummingbird"),
        // Not imported: stands here to give the module Metrics of swift-metrics another name than ours.
        .product(
          name: "Hummingbird", package: "hummingbird",
          moduleAliases: ["Metrics": "ServerMetrics"]),
      ],
      path: "Tests/LoopbackServer"),
    .target(
      name: "FakeHub",
      dependencies: ["LoopbackServer", .product(name: "Crypto", package: "swift-crypto")],
      path: "Tests/FakeHub"),
    .target(
      name: "FaultyServer", dependencies: ["Core", "LoopbackServer"], path: "Tests/FaultyServer"),
    .testTarget(
      name: "HouseTests",
      dependencies: ["Catalogue", "Encoders", "Evaluation", "Leaderboard", "TestSupport"]),
    .testTarget(name: "CoreTests", dependencies: ["Core", "TestSupport"]),
    .testTarget(name: "TensorsTests", dependencies: ["Core", "Tensors", "TestSupport"]),
    .testTarget(
      name: "StorageTests",
      dependencies: [
        "Core", "Storage", "TestSupport", .product(name: "GRDB", package: "GRDB.swift"),
      ]),
    .testTarget(name: "CatalogueTests", dependencies: ["Catalogue", "Core", "TestSupport"]),
    .testTarget(
      name: "TokenizersTests", dependencies: ["Core", "Tokenizers", "TestSupport"],
      exclude: ["Fixtures"]),
    .testTarget(
      name: "DatasetsTests", dependencies: ["Catalogue", "Core", "Datasets", "TestSupport"]),
    .testTarget(
      name: "HubTests",
      dependencies: ["Core", "FakeHub", "Hub", "Network", "Storage", "TestSupport"]),
    .testTarget(
      name: "SamplingTests", dependencies: ["Core", "Sampling", "TestSupport"],
      exclude: ["Fixtures"]),
    .testTarget(
      name: "LearningTests",
      dependencies: ["Core", "Learning", "Sampling", "Tensors", "TestSupport"]),
    .testTarget(
      name: "MergingTests",
      dependencies: ["Core", "Encoders", "Merging", "Storage", "Tensors", "TestSupport"]),
    .testTarget(name: "MetricsTests", dependencies: ["Core", "Metrics", "TestSupport"]),
    .testTarget(
      name: "EncodersTests", dependencies: ["Core", "Encoders", "Tensors", "TestSupport"]),
    .testTarget(
      name: "RemoteTests",
      dependencies: [
        "Core", "FaultyServer", "LoopbackServer", "Network", "Remote", "TestSupport",
      ]),
    .testTarget(
      name: "ServingTests",
      dependencies: [
        "Core", "Serving", "TestSupport",
        .product(name: "NIOCore", package: "swift-nio"),
        .product(name: "NIOPosix", package: "swift-nio"),
      ]),
    .testTarget(
      name: "EvaluationTests",
      dependencies: [
        "Catalogue", "Core", "Datasets", "Encoders", "Evaluation", "Metrics", "Storage",
        "TestSupport",
      ],
      exclude: ["Fixtures"]),
    .testTarget(
      name: "LeaderboardTests",
      dependencies: ["Core", "Leaderboard", "Sampling", "Storage", "TestSupport"]),
    .testTarget(
      name: "CommandLineTests",
      dependencies: [
        "Core", "FakeHub", "FaultyServer", "LoopbackServer", "TestSupport", "borda",
      ]),
  ],
  swiftLanguageModes: [.v6]
)
