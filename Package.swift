// swift-tools-version: 6.2
import PackageDescription

let package = Package(
    name: "alula",
    platforms: [.macOS(.v15)],
    products: [.executable(name: "alula", targets: ["alula"])],
    dependencies: [
        // The HTTP server; WebSocket upgrades ride on its HTTP/1 channel.
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1", traits: []),
        // Calls to providers: pooled HTTP/1.1 and HTTP/2 connections.
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
        // The command line.
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        // SHA-256 for fingerprints.
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
        // TLS on the gateway's port.
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
        // The daemon's spine: ordered start, graceful stop, signals.
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
    ],
    targets: [
        // Layer 0: words and the machine
        .target(name: "CAlulaShims"),
        .systemLibrary(
            name: "CSQLite", pkgConfig: "sqlite3", providers: [.apt(["libsqlite3-dev"]), .brew(["sqlite"])]),
        .target(name: "AlulaPrimitives"),
        .target(name: "AlulaJSON"),
        .target(name: "AlulaSystem", dependencies: ["AlulaPrimitives", "CAlulaShims"]),

        // Layer 1: the domain, without I/O
        .target(name: "AlulaConfiguration", dependencies: ["AlulaJSON", "AlulaPrimitives"]),
        .target(name: "AlulaModels", dependencies: ["AlulaJSON", "AlulaPrimitives"]),
        .target(name: "AlulaAuth", dependencies: ["AlulaModels", "AlulaPrimitives"]),
        .target(
            name: "AlulaDiagnostics",
            dependencies: [
                "AlulaJSON", "AlulaPrimitives", .product(name: "CoreMetrics", package: "swift-metrics"),
            ]),
        .target(
            name: "AlulaInference", dependencies: ["AlulaAuth", "AlulaJSON", "AlulaModels", "AlulaPrimitives"]),
        .target(
            name: "AlulaProtocol",
            dependencies: ["AlulaAuth", "AlulaInference", "AlulaJSON", "AlulaModels", "AlulaPrimitives"]),

        // Layer 2: adapters
        .target(
            name: "AlulaState",
            dependencies: [
                "AlulaInference", "AlulaJSON", "AlulaModels", "AlulaPrimitives", "AlulaProtocol", "AlulaSystem",
                "CAlulaShims", "CSQLite",
            ]),
        .target(
            name: "AlulaCredentials",
            dependencies: [
                "AlulaAuth", "AlulaJSON", "AlulaModels", "AlulaPrimitives", "AlulaSystem",
                .product(name: "Crypto", package: "swift-crypto"),
            ]),

        .target(
            name: "AlulaProviders",
            dependencies: [
                "AlulaAuth", "AlulaInference", "AlulaJSON", "AlulaModels", "AlulaPrimitives",
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOHTTPCompression", package: "swift-nio-extras"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
            ]),
        .target(
            name: "AlulaWarmWorker",
            dependencies: ["AlulaAuth", "AlulaJSON", "AlulaPrimitives", "AlulaSystem", "CAlulaShims"]),
        .target(
            name: "AlulaServer",
            dependencies: [
                "AlulaInference", "AlulaJSON", "AlulaModels", "AlulaPrimitives", "AlulaProtocol", "AlulaSystem",
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "HummingbirdCore", package: "hummingbird"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOHTTPTypes", package: "swift-nio-extras"),
                .product(name: "NIOHTTPTypesHTTP1", package: "swift-nio-extras"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
                .product(name: "NIOWebSocket", package: "swift-nio"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ]),
        .target(
            name: "AlulaClient",
            dependencies: [
                "AlulaJSON", "AlulaPrimitives", "AlulaProtocol",
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
                .product(name: "NIOWebSocket", package: "swift-nio"),
            ]),

        // Layer 3: composition
        .target(
            name: "AlulaGateway",
            dependencies: [
                "AlulaAuth", "AlulaConfiguration", "AlulaCredentials", "AlulaDiagnostics", "AlulaInference",
                "AlulaJSON", "AlulaModels", "AlulaPrimitives", "AlulaProtocol", "AlulaProviders", "AlulaServer",
                "AlulaState", "AlulaSystem", "AlulaWarmWorker", "CAlulaShims",
                .product(name: "CoreMetrics", package: "swift-metrics"),
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
            ]),
        .target(
            name: "AlulaCLI",
            dependencies: [
                "AlulaAuth", "AlulaClient", "AlulaConfiguration", "AlulaCredentials", "AlulaDiagnostics",
                "AlulaGateway", "AlulaInference", "AlulaJSON", "AlulaModels", "AlulaPrimitives", "AlulaProtocol",
                "AlulaState", "AlulaSystem",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ]),
        .executableTarget(
            name: "alula", dependencies: ["AlulaCLI", "AlulaGateway", "AlulaSystem", "AlulaWarmWorker"]),

        // Benchmarks: programs, never linked into the product
        .target(name: "CBenchmarkShims", path: "Benchmarks/PollShims"),
        .target(
            name: "AlulaMeasuring", dependencies: ["AlulaJSON", "CBenchmarkShims"], path: "Benchmarks/Measuring"),
        .target(name: "AlulaFleet", dependencies: ["AlulaJSON", "AlulaMeasuring"], path: "Benchmarks/Fleet"),
        .target(
            name: "AlulaRunning", dependencies: ["AlulaFleet", "AlulaJSON", "AlulaMeasuring"],
            path: "Benchmarks/Running"),
        .executableTarget(
            name: "alula-bench",
            dependencies: [
                "AlulaAuth", "AlulaFleet", "AlulaJSON", "AlulaMeasuring", "AlulaModels", "AlulaPrimitives",
                "AlulaRunning",
            ], path: "Benchmarks/Runner"),
        .target(
            name: "AlulaFaults", dependencies: ["AlulaFleet", "AlulaJSON", "AlulaMeasuring", "AlulaRunning"],
            path: "Benchmarks/Faults"),
        .executableTarget(
            name: "alula-chaos",
            dependencies: ["AlulaFaults", "AlulaFleet", "AlulaJSON", "AlulaMeasuring", "AlulaRunning"],
            path: "Benchmarks/Chaos"),
        .target(
            name: "AlulaSoaking", dependencies: ["AlulaFaults", "AlulaFleet", "AlulaJSON", "AlulaMeasuring"],
            path: "Benchmarks/Soaking"),
        .executableTarget(
            name: "alula-soak",
            dependencies: [
                "AlulaFaults", "AlulaFleet", "AlulaJSON", "AlulaMeasuring", "AlulaRunning", "AlulaSoaking",
            ], path: "Benchmarks/Soak"),
        .executableTarget(name: "alula-bench-prober", dependencies: ["AlulaMeasuring"], path: "Benchmarks/Prober"),
        .executableTarget(
            name: "alula-bench-upstream",
            dependencies: [
                "AlulaMeasuring", .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"), .product(name: "NIOPosix", package: "swift-nio"),
            ], path: "Benchmarks/Upstream"),
        .executableTarget(
            name: "alula-bench-naive",
            dependencies: [
                "AlulaAuth", "AlulaCredentials", "AlulaFleet", "AlulaJSON", "AlulaMeasuring", "AlulaModels",
                "AlulaPrimitives",
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOWebSocket", package: "swift-nio"),
            ], path: "Benchmarks/NaiveGateway"),

        // Fuzzing: what has to hold for whatever others wrote. The tests replay what was found.
        .target(
            name: "AlulaFuzzTargets",
            dependencies: [
                "AlulaAuth", "AlulaConfiguration", "AlulaCredentials", "AlulaInference", "AlulaJSON", "AlulaModels",
                "AlulaPrimitives", "AlulaProtocol", "AlulaProviders", "AlulaState", "AlulaSystem", "AlulaWarmWorker",
                .product(name: "Crypto", package: "swift-crypto"),
            ], path: "Fuzz/Targets"),

        // Tests
        .target(name: "AlulaTestSupport", dependencies: ["AlulaJSON", "AlulaPrimitives", "AlulaSystem"]),
        // Writes what no command writes, so that tests can end it in the middle.
        .executableTarget(
            name: "alula-crash-driver",
            dependencies: [
                "AlulaAuth", "AlulaCredentials", "AlulaGateway", "AlulaPrimitives", "AlulaState", "AlulaSystem",
            ], path: "Tests/CrashDriver"),
        // One of many processes that renew a login at once, and the provider that issued it.
        .executableTarget(
            name: "alula-refresh-driver",
            dependencies: [
                "AlulaAuth", "AlulaCredentials", "AlulaGateway", "AlulaModels", "AlulaPrimitives", "AlulaProviders",
                "AlulaState", "AlulaSystem",
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ], path: "Tests/RefreshDriver"),
        .testTarget(name: "AlulaPrimitivesTests", dependencies: ["AlulaPrimitives"]),
        .testTarget(name: "AlulaJSONTests", dependencies: ["AlulaJSON"]),
        .testTarget(name: "AlulaSystemTests", dependencies: ["AlulaPrimitives", "AlulaSystem", "AlulaTestSupport"]),
        .testTarget(
            name: "AlulaConfigurationTests",
            dependencies: ["AlulaConfiguration", "AlulaJSON", "AlulaPrimitives", "AlulaTestSupport"]),
        .testTarget(name: "AlulaModelsTests", dependencies: ["AlulaJSON", "AlulaModels", "AlulaPrimitives"]),
        .testTarget(
            name: "AlulaAuthTests",
            dependencies: [
                "AlulaAuth", "AlulaModels", "AlulaPrimitives", "AlulaTestSupport",
                .product(name: "Crypto", package: "swift-crypto"),
            ]),
        .testTarget(
            name: "AlulaInferenceTests",
            dependencies: ["AlulaAuth", "AlulaInference", "AlulaJSON", "AlulaModels", "AlulaPrimitives"]),
        .testTarget(
            name: "AlulaProvidersTests",
            dependencies: [
                "AlulaAuth", "AlulaInference", "AlulaJSON", "AlulaModels", "AlulaPrimitives", "AlulaProviders",
                "AlulaTestSupport",
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOEmbedded", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
            ]),
        .testTarget(
            name: "AlulaDiagnosticsTests",
            dependencies: [
                "AlulaDiagnostics", "AlulaJSON", "AlulaPrimitives",
                .product(name: "CoreMetrics", package: "swift-metrics"),
            ]),
        .testTarget(
            name: "AlulaProtocolTests",
            dependencies: [
                "AlulaAuth", "AlulaInference", "AlulaJSON", "AlulaModels", "AlulaPrimitives", "AlulaProtocol",
                "AlulaTestSupport",
                .product(name: "Crypto", package: "swift-crypto"),
            ], exclude: ["Fixtures"]),
        .testTarget(
            name: "AlulaStateTests",
            dependencies: [
                "AlulaInference", "AlulaJSON", "AlulaModels", "AlulaPrimitives", "AlulaProtocol", "AlulaState",
                "AlulaSystem", "AlulaTestSupport", "CAlulaShims", "CSQLite",
            ]),
        .testTarget(
            name: "AlulaCredentialsTests",
            dependencies: [
                "AlulaAuth", "AlulaCredentials", "AlulaJSON", "AlulaModels", "AlulaPrimitives", "AlulaSystem",
                "AlulaTestSupport",
                .product(name: "Crypto", package: "swift-crypto"),
            ]),
        .testTarget(
            name: "AlulaWarmWorkerTests",
            dependencies: [
                "AlulaAuth", "AlulaJSON", "AlulaPrimitives", "AlulaSystem", "AlulaWarmWorker",
            ]),
        .testTarget(
            name: "AlulaCLITests",
            dependencies: [
                "AlulaAuth", "AlulaCLI", "AlulaConfiguration", "AlulaCredentials", "AlulaGateway", "AlulaJSON",
                "AlulaPrimitives", "AlulaState", "AlulaSystem", "AlulaTestSupport",
            ], exclude: ["Fixtures"]),
        .testTarget(
            name: "AlulaServerTests",
            dependencies: [
                "AlulaClient", "AlulaInference", "AlulaJSON", "AlulaModels", "AlulaPrimitives", "AlulaProtocol",
                "AlulaServer", "AlulaSystem", "AlulaTestSupport",
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOEmbedded", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ]),
        .testTarget(
            name: "AlulaClientTests",
            dependencies: [
                "AlulaClient", "AlulaJSON", "AlulaPrimitives", "AlulaProtocol",
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOWebSocket", package: "swift-nio"),
            ]),
        .testTarget(
            name: "AlulaGatewayTests",
            dependencies: [
                "AlulaAuth", "AlulaCLI", "AlulaClient", "AlulaConfiguration", "AlulaCredentials", "AlulaDiagnostics",
                "AlulaGateway", "AlulaInference", "AlulaJSON", "AlulaModels", "AlulaPrimitives", "AlulaProtocol",
                "AlulaProviders", "AlulaServer", "AlulaState", "AlulaSystem", "AlulaTestSupport", "AlulaWarmWorker",
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ]),
        .testTarget(
            name: "AlulaSoakingTests",
            dependencies: ["AlulaFaults", "AlulaFleet", "AlulaJSON", "AlulaMeasuring", "AlulaSoaking"]),
        .testTarget(name: "AlulaFuzzTests", dependencies: ["AlulaFuzzTargets", "AlulaPrimitives", "AlulaSystem"]),
        .testTarget(
            name: "AlulaEndToEndTests",
            dependencies: [
                "AlulaAuth", "AlulaClient", "AlulaCredentials", "AlulaDiagnostics", "AlulaGateway", "AlulaJSON",
                "AlulaPrimitives", "AlulaProtocol", "AlulaState", "AlulaSystem", "AlulaTestSupport", "AlulaWarmWorker",
                "CSQLite", "alula", "alula-crash-driver", "alula-refresh-driver",
            ]),
    ]
)

// `Scripts/fuzz.sh` alone asks for this: libFuzzer's `main`, and our code counted by it.
let isFuzzing = Context.environment["ALULA_FUZZ"] == "1"
let fuzzFlags: [SwiftSetting] = isFuzzing ? [.unsafeFlags(["-O", "-sanitize=fuzzer", "-parse-as-library"])] : []
if isFuzzing {
    package.targets.append(
        .executableTarget(
            name: "alula-fuzz", dependencies: ["AlulaFuzzTargets"], path: "Fuzz/Runner",
            linkerSettings: [.unsafeFlags(["-sanitize=fuzzer"])]))
}

for target in package.targets where !target.name.hasPrefix("C") {
    target.swiftSettings =
        (target.swiftSettings ?? []) + [
            .swiftLanguageMode(.v6),
            .enableUpcomingFeature("ExistentialAny"),
            .enableUpcomingFeature("InternalImportsByDefault"),
            .enableUpcomingFeature("MemberImportVisibility"),
            .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
            .enableUpcomingFeature("InferIsolatedConformances"),
            .enableUpcomingFeature("ImmutableWeakCaptures"),
            .treatAllWarnings(as: .error),
        ] + fuzzFlags
}
