import AlulaAuth
import AlulaPrimitives
import AlulaSystem
import AlulaTestSupport
import Testing

@testable import AlulaCredentials

/// Calls in quick succession share a look at the disk, and none uses what was found longer ago than that.
final class ProfileSecretReaderTests {
    private let scratch: ScratchDirectory
    private let files: CredentialStoreFiles
    private let pool = BlockingPool()
    private let clock = ManualClock()
    private let reader: ProfileSecretReader

    init() throws {
        scratch = try ScratchDirectory()
        files = CredentialStoreFiles(StoreID(scratch.path("agent")))
        let start = ContinuousClock.now
        reader = ProfileSecretReader(pool: pool, instant: { [clock] in start.advanced(by: clock.now.offset) })
    }

    private func write(_ key: String) throws {
        try scratch.write(
            #"{"version":1,"profiles":{"groq:a":{"type":"api_key","provider":"groq","key":"\#(key)"}}}"#,
            to: "agent/auth-profiles.json")
    }

    private func key(_ profile: ProfileID = ProfileID("groq:a"), in stores: [CredentialStoreFiles]? = nil) async throws
        -> String?
    {
        let content = try await reader.content(of: profile, in: stores ?? [files], until: .after(.seconds(60)))
        if case .secret(let secret) = content { return secret.exposed }
        return nil
    }

    @Test func callsInQuickSuccessionLookOnce() async throws {
        try write("sk-fake-a")
        #expect(try await key() == "sk-fake-a")
        try write("sk-fake-b")
        clock.advance(by: .milliseconds(99))
        #expect(try await key() == "sk-fake-a")
    }

    @Test func anEditCountsForEveryCallAfterATenthOfASecond() async throws {
        try write("sk-fake-a")
        #expect(try await key() == "sk-fake-a")
        clock.advance(by: .milliseconds(99))
        #expect(try await key() == "sk-fake-a")
        try write("sk-fake-b")
        // Being used in between makes it no younger.
        clock.advance(by: .milliseconds(1))
        #expect(try await key() == "sk-fake-b")
    }

    @Test func aLoginThatIsRemovedIsGoneAfterATenthOfASecond() async throws {
        try write("sk-fake-a")
        #expect(try await key() == "sk-fake-a")
        try scratch.write(#"{"version":1,"profiles":{}}"#, to: "agent/auth-profiles.json")
        clock.advance(by: .milliseconds(100))
        #expect(try await key() == nil)
    }

    @Test func aLoginThatIsMissingIsLookedForEachTime() async throws {
        #expect(try await key() == nil)
        try write("sk-fake-a")
        #expect(try await key() == "sk-fake-a")
    }

    @Test func whatOneAgentHasIsNotFoundForAnother() async throws {
        try write("sk-fake-a")
        let other = CredentialStoreFiles(StoreID(scratch.path("other")))
        #expect(try await key() == "sk-fake-a")
        #expect(try await key(in: [other]) == nil)
        #expect(try await key(ProfileID("groq:b")) == nil)
    }

    @Test func manyLoginsAreAllFoundThoughFewAreKept() async throws {
        let profiles = (0..<300).map { #""groq:p\#($0)":{"type":"api_key","provider":"groq","key":"sk-fake-\#($0)"}"# }
        try scratch.write(
            #"{"version":1,"profiles":{\#(profiles.joined(separator: ","))}}"#, to: "agent/auth-profiles.json")
        for number in Array(0..<300) + Array(0..<10) {
            #expect(try await key(ProfileID("groq:p\(number)")) == "sk-fake-\(number)")
        }
    }
}
