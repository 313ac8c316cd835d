import AlulaAuth
import AlulaPrimitives
import AlulaSystem
import Synchronization
import Testing

@testable import AlulaCredentials

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// A store is read again when its file is another one, and only then.
final class StoreMemoryTests {
    private let scratch: ScratchDirectory
    private let files: CredentialStoreFiles
    private let loads = Mutex(0)

    init() throws {
        scratch = try ScratchDirectory(isInMemory: true)
        files = CredentialStoreFiles(StoreID(scratch.path("agent")))
    }

    private func write(_ key: String, to name: String = "agent/auth-profiles.json") throws {
        try scratch.write(
            #"{"version":1,"profiles":{"groq:a":{"type":"api_key","provider":"groq","key":"\#(key)"}}}"#, to: name)
    }

    private func key(_ memory: StoreMemory) -> String? {
        let found = BlockingContext.permit {
            memory.profiles(of: files) { files in
                loads.withLock { $0 += 1 }
                return CredentialStoreLoader().load(files)
            }
        }
        return found.content?["groq:a"]?.inline?.exposed
    }

    /// - Parameter ahead: Far enough ahead, the clock lets a file that was just written count as settled.
    private func memory(ahead: Duration = .seconds(60)) -> StoreMemory {
        StoreMemory { WallClock.now().advanced(by: ahead) }
    }

    private func look() throws -> FileIdentity {
        try BlockingContext.permit { try FileReader.look(at: files.profilesPath) }
    }

    private var loadCount: Int { loads.withLock { $0 } }

    @Test func readsAnUnchangedStoreOnce() throws {
        try write("sk-fake-a")
        let memory = memory()
        for _ in 0..<5 { #expect(key(memory) == "sk-fake-a") }
        #expect(loadCount == 1)
    }

    /// Of the same length, so that nothing but the times tells.
    @Test func anEditInPlaceCountsAtOnce() throws {
        try write("sk-fake-a")
        let memory = memory()
        #expect(key(memory) == "sk-fake-a")
        let before = try look()
        // As often as it takes until the file system's clock has moved on.
        repeat { try write("sk-fake-b") } while try look() == before
        #expect(key(memory) == "sk-fake-b")
    }

    @Test func aFileThatIsRenamedIntoPlaceCountsAtOnce() throws {
        try write("sk-fake-a")
        let memory = memory()
        #expect(key(memory) == "sk-fake-a")
        try write("sk-fake-b", to: "agent/beside")
        try #require(rename(scratch.path("agent/beside"), files.profilesPath) == 0)
        #expect(key(memory) == "sk-fake-b")
        try #require(unlink(files.profilesPath) == 0)
        #expect(key(memory) == nil)
        try write("sk-fake-c")
        #expect(key(memory) == "sk-fake-c")
    }

    /// It may change within a tick of the file system's clock, and look the same.
    @Test func aFileThatHasJustChangedIsNotBelievedToStay() throws {
        try write("sk-fake-a")
        let memory = memory(ahead: .zero)
        for _ in 0..<3 { #expect(key(memory) == "sk-fake-a") }
        #expect(loadCount == 3)
    }

    @Test func whatIsNoStoreIsLookedAtEachTime() throws {
        let memory = memory()
        for text in ["", "{", "[]"] {
            try scratch.write(text, to: "agent/auth-profiles.json")
            #expect(key(memory) == nil)
        }
        try write("sk-fake-a", to: "agent/auth.json")
        #expect(key(memory) == nil)
        #expect(loadCount == 4)
    }
}
