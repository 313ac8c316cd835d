import AlulaPrimitives
import AlulaSystem
import AlulaTestSupport
import Testing

@testable import AlulaState

struct GatewayTokenTests {
    let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    private var path: String { directory("alula/gateway-token") }

    private func loadOrMake() throws -> GatewayToken.Found {
        try BlockingContext.permit { try GatewayToken.loadOrMake(path) }
    }

    @Test func isMadeOnceForItsOwnerOnly() throws {
        #expect(try BlockingContext.permit { try GatewayToken.load(path) } == nil)
        let made = try loadOrMake()
        #expect(made.isNew)
        #expect(made.token.exposed.utf8.count == 43)
        #expect(try BlockingContext.permit { try FileIdentity.of(path).mode } == 0o600)
        let again = try loadOrMake()
        #expect(!again.isNew)
        #expect(again.token.matches(made.token))
        let read = try #require(try BlockingContext.permit { try GatewayToken.load(path) })
        #expect(read.matches(made.token))
    }

    @Test func differsEachTime() throws {
        let first = try loadOrMake().token
        try directory.write("alula/gateway-token", " \n")
        let second = try loadOrMake()
        #expect(second.isNew)
        #expect(!second.token.matches(first))
    }

    @Test func keepsATokenThatAPersonWrote() throws {
        try BlockingContext.permit { try Directory.make(directory("alula")) }
        try directory.write("alula/gateway-token", "fake-token\n")
        #expect(try loadOrMake().token.matches(Secret("fake-token")))
    }

    @Test func takesRightsAwayFromOthersAndSaysSo() throws {
        try BlockingContext.permit { try Directory.make(directory("alula")) }
        try directory.write("alula/gateway-token", "fake-token\n", mode: 0o644)
        #expect(try loadOrMake().wasExposed)
        #expect(try BlockingContext.permit { try FileIdentity.of(path).mode } == 0o600)
        #expect(try !loadOrMake().wasExposed)
    }

    @Test func isNotShownByAnyDescription() throws {
        let found = try loadOrMake()
        #expect(!"\(found)".contains(found.token.exposed))
        #expect(!String(reflecting: found).contains(found.token.exposed))
    }

    @Test func saysWhenTheFileIsNone() throws {
        try BlockingContext.permit { try Directory.make(path) }
        #expect(#expect(throws: StateError.self) { try loadOrMake() }?.code == .fileUnusable)
    }

    @Test(arguments: [
        ([], ""), ([0xFB], "-w"), ([0xFB, 0xFF], "-_8"), ([0xFB, 0xFF, 0xFE], "-__-"), ([0, 0, 0, 1], "AAAAAQ"),
    ])
    func writesBase64ForURLs(bytes: [UInt8], expected: String) {
        #expect(GatewayToken.base64URL(bytes) == expected)
    }
}
