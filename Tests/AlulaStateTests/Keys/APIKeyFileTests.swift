import AlulaPrimitives
import AlulaProtocol
import AlulaSystem
import AlulaTestSupport
import Testing

@testable import AlulaState

struct APIKeyFileTests {
    private struct Refusal: Error {}

    private let directory: TemporaryDirectory
    private let layout: StateLayout

    init() throws {
        directory = try TemporaryDirectory()
        layout = StateLayout(
            request: .init(stateDirectory: directory.path), variables: ["HOME": directory.path],
            currentDirectory: "/", exists: { _ in false })
    }

    private static func key(_ number: Int) -> APIKey {
        APIKey(
            name: "key-\(number)", digest: [UInt8](repeating: UInt8(number), count: 32),
            createdAt: Timestamp(milliseconds: 1))
    }

    @Test func keepsKeysForTheirOwnerAlone() throws {
        try BlockingContext.permit {
            let file = APIKeyFile(layout)
            #expect(try file.load().keys.isEmpty)
            try file.change(deadline: .after(.seconds(60))) { _ = $0.add(Self.key(1)) }
            #expect(try file.load().keys == [Self.key(1)])
            #expect(try FileIdentity.of(layout.apiKeys).mode == 0o600)
        }
    }

    @Test func aRefusalLeavesTheFileAsItWas() throws {
        try BlockingContext.permit {
            let file = APIKeyFile(layout)
            try file.change(deadline: .after(.seconds(60))) { _ = $0.add(Self.key(1)) }
            #expect(throws: Refusal.self) {
                try file.change(deadline: .after(.seconds(60))) { book in
                    _ = book.add(Self.key(2))
                    throw Refusal()
                }
            }
            #expect(try file.load().keys == [Self.key(1)])
        }
    }

    @Test func nobodyWritesOverAFileThatCantBeUnderstood() throws {
        try BlockingContext.permit {
            let file = APIKeyFile(layout)
            try Directory.make(layout.own)
            try directory.write("alula/api-keys.json", "no keys")
            #expect(throws: StateError.self) { try file.load() }
            #expect(throws: StateError.self) {
                try file.change(deadline: .after(.seconds(60))) { _ = $0.add(Self.key(1)) }
            }
            #expect(try FileReader.read(layout.apiKeys, maximum: .kibibytes(1)).text == "no keys")
        }
    }

    @Test func manyWhoMakeKeysAtOnceLoseNone() async throws {
        let (pool, file) = (BlockingPool(), APIKeyFile(layout))
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 1...20 {
                group.addTask {
                    try await pool.run("make a key", deadline: .after(.seconds(60))) {
                        try file.change(deadline: .after(.seconds(60))) { _ = $0.add(Self.key(number)) }
                    }
                }
            }
            try await group.waitForAll()
        }
        let book = try BlockingContext.permit { try file.load() }
        #expect(book.keys.count == 20)
    }
}
