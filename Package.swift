// swift-tools-version: 6.2
import PackageDescription

let package = Package(
    name: "alula",
    platforms: [.macOS(.v15)],
    products: [.executable(name: "alula", targets: ["alula"])],
    dependencies: [
        // The HTTP server; WebSocket upgrades ride on its HTTP/1 channel.
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1", traits: []),
        // The command line.
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        // SHA-256 for fingerprints; Ed25519 for device identities.
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        // HTTP vocabulary shared with the server.
        .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0", traits: []),
        // Structured logs.
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        // The metrics facade; our registry renders it as Prometheus text.
        .package(url: "https://github.com/apple/swift-metrics", from: "2.13.0"),
        // Sockets, event loops, WebSocket framing.
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        // HTTP types in NIO pipelines.
        .package(url: "https://github.com/apple/swift-nio-extras", from: "1.35.2"),
        // The daemon's spine: ordered start, graceful stop, signals.
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
    ],
    targets: [
        .executableTarget(
            name: "alula",
            dependencies: [
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "HummingbirdCore", package: "hummingbird"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "Metrics", package: "swift-metrics"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOHTTPTypes", package: "swift-nio-extras"),
                .product(name: "NIOHTTPTypesHTTP1", package: "swift-nio-extras"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOWebSocket", package: "swift-nio"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ]
        ),
    ]
)

for target in package.targets {
    target.swiftSettings = (target.swiftSettings ?? []) + [
        .swiftLanguageMode(.v6),
        .enableUpcomingFeature("ExistentialAny"),
        .enableUpcomingFeature("InternalImportsByDefault"),
        .enableUpcomingFeature("MemberImportVisibility"),
        .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
        .enableUpcomingFeature("InferIsolatedConformances"),
        .enableUpcomingFeature("ImmutableWeakCaptures"),
        .treatAllWarnings(as: .error),
    ]
}
