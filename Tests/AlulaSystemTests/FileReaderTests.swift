import AlulaPrimitives
import AlulaTestSupport
import Testing

@testable import AlulaSystem

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

struct FileReaderTests {
    let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    private func code(
        _ path: String, maximum: ByteCount = .kibibytes(64), _ requirements: FileReader.Requirements = .init()
    ) -> SystemError.Code? {
        BlockingContext.permit {
            do throws(SystemError) {
                _ = try FileReader.read(path, maximum: maximum, requirements: requirements)
                return nil
            } catch {
                return error.code
            }
        }
    }

    @Test(arguments: [0, 1, 4095, 4096, 65_536]) func readsAWholeFile(size: Int) throws {
        let text = String(repeating: "x", count: size)
        let path = try directory.write("file", text, mode: 0o640)
        let contents = try BlockingContext.permit { try FileReader.read(path, maximum: .kibibytes(64)) }
        #expect(contents.text == text)
        #expect(contents.identity.size == Int64(size))
        #expect(contents.identity.mode == 0o640)
        #expect(contents.identity.uid == geteuid())
        #expect(contents.identity.linkCount == 1)
    }

    @Test func readsFilesThatClaimToBeEmpty() throws {
        let contents = try BlockingContext.permit { try FileReader.read("/proc/self/stat", maximum: .kibibytes(64)) }
        #expect(contents.bytes.count > 10)
    }

    @Test func refusesMoreThanItsBound() throws {
        #expect(code(try directory.write("file", "12345"), maximum: 4) == .tooLarge)
        #expect(code("/proc/self/stat", maximum: 4) == .tooLarge)
        #expect(code(directory("file"), maximum: 5) == nil)
    }

    @Test func tellsWhatIsNoFile() throws {
        mkfifo(directory("pipe"), 0o600)
        mkdir(directory("directory"), 0o700)
        let socket = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(socket) }
        try bindSocket(socket, to: directory("socket"))
        #expect(code(directory("pipe")) == .isPipe)
        #expect(code(directory("directory")) == .isDirectory)
        #expect(code(directory("socket")) == .isSocket)
        #expect(code("/dev/null") == .isDevice)
        #expect(code("/dev/tty") == .isDevice)
    }

    @Test func tellsWhyALinkLeadsNowhere() throws {
        symlink("b", directory("a"))
        symlink("a", directory("b"))
        symlink("missing", directory("dangling"))
        symlink("file", directory("link"))
        try directory.write("file", "text")
        #expect(code(directory("a")) == .linkLoop)
        #expect(code(directory("dangling")) == .danglingLink)
        #expect(code(directory("link")) == nil)
        #expect(code(directory("link"), .init(refusesLinks: true)) == .linkRefused)
        #expect(code(directory("missing")) == .notFound)
        #expect(code(directory("file/below")) == .notDirectory)
    }

    @Test func tellsAPipeBehindALink() {
        mkfifo(directory("pipe"), 0o600)
        symlink("pipe", directory("link"))
        #expect(code(directory("link")) == .isPipe)
    }

    @Test func refusesNamesThatTheSystemWouldMisread() {
        #expect(code("") == .invalidPath)
        #expect(code(directory("a\0b")) == .invalidPath)
        #expect(code(directory(String(repeating: "x", count: 300))) == .invalidPath)
    }

    @Test(.enabled(if: geteuid() != 0)) func tellsThatItMayNotRead() throws {
        #expect(code(try directory.write("file", "text", mode: 0o000)) == .notPermitted)
    }

    @Test(.enabled(if: geteuid() == 0)) func refusesAnotherUsersFile() throws {
        let path = try directory.write("file", "text")
        chown(path, 12_345, 12_345)
        #expect(code(path, .init(isOwned: true)) == .wrongOwner)
        #expect(code(path) == nil)
    }

    @Test(arguments: zip([0o600, 0o400, 0o640, 0o604], [nil, nil, SystemError.Code.tooPermissive, .tooPermissive]))
    func refusesRightsOfOthers(mode: Int, expected: SystemError.Code?) throws {
        let path = try directory.write("file", "text")
        chmod(path, mode_t(mode))
        #expect(code(path, .init(isPrivate: true)) == expected)
    }

    @Test func givesNothingForAFileThatIsNotThere() throws {
        let missing = try BlockingContext.permit {
            try FileReader.readExisting(directory("missing"), maximum: .kibibytes(1))
        }
        #expect(missing == nil)
    }

    @Test func noticesEachChangeInTheIdentity() throws {
        let path = try directory.write("file", "one")
        let (before, again) = try BlockingContext.permit { (try FileIdentity.of(path), try FileIdentity.of(path)) }
        #expect(before == again)
        try BlockingContext.permit { _ = try DurableFile.replace(path, with: Array("two".utf8)) }
        let after = try BlockingContext.permit { try FileIdentity.of(path) }
        #expect(after != before)
        #expect(!after.isSameFile(as: before))
    }

    private func bindSocket(_ socket: Int32, to path: String) throws {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let bytes = Array(path.utf8)
        try #require(bytes.count < MemoryLayout.size(ofValue: address.sun_path))
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
        let result = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(socket, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        try #require(result == 0)
    }
}
