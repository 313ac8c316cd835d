import AlulaPrimitives
import AlulaTestSupport
import Testing

@testable import AlulaSystem

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

struct DirectoryTests {
    let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    @Test func listsNamesWithTheirKinds() throws {
        try directory.write("file", "")
        mkdir(directory("sub"), 0o700)
        symlink("file", directory("link"))
        let entries = try BlockingContext.permit { try Directory.list(directory.path) }
        #expect(
            entries == [
                .init(name: "file", kind: .regular), .init(name: "link", kind: .symbolicLink),
                .init(name: "sub", kind: .directory),
            ])
    }

    @Test func refusesMoreEntriesThanItsBound() throws {
        for number in 0..<3 { try directory.write("file\(number)", "") }
        let error = #expect(throws: SystemError.self) {
            try BlockingContext.permit { try Directory.list(directory.path, maximum: 2) }
        }
        #expect(error?.code == .tooManyEntries)
    }

    @Test func refusesToListAFile() throws {
        let path = try directory.write("file", "")
        let error = #expect(throws: SystemError.self) { try BlockingContext.permit { try Directory.list(path) } }
        #expect(error?.code == .notDirectory)
    }

    @Test func makesMissingParentsForTheirOwnerOnly() throws {
        let identity = try BlockingContext.permit {
            try Directory.make(directory("a/b/c"))
            try Directory.make(directory("a/b/c"))
            return try FileIdentity.of(directory("a/b"))
        }
        #expect(identity.kind == .directory)
        #expect(identity.mode == 0o700)
    }

    /// Each finds parents missing that another one makes in the same instant.
    @Test func manyWhoMakeOneDirectoryAllHaveIt() async throws {
        let (pool, root) = (BlockingPool(), directory.path)
        for round in 0..<200 {
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<8 {
                    group.addTask {
                        try await pool.run("make a directory", deadline: .after(.seconds(60))) {
                            try Directory.make("\(root)/\(round)/a/b/c/d")
                        }
                    }
                }
                try await group.waitForAll()
            }
        }
    }

    @Test func doesNotMakeADirectoryWhereAFileOrABrokenLinkIs() throws {
        try directory.write("file", "")
        symlink("missing", directory("link"))
        for (name, code) in [("file", SystemError.Code.notDirectory), ("file/sub", .notDirectory)] {
            let error = #expect(throws: SystemError.self) {
                try BlockingContext.permit { try Directory.make(directory(name)) }
            }
            #expect(error?.code == code)
        }
        for name in ["link", "link/sub"] {
            #expect(throws: SystemError.self) { try BlockingContext.permit { try Directory.make(directory(name)) } }
        }
    }

    @Test func followsLinksToAFileThatIsNotThereYet() throws {
        mkdir(directory("real"), 0o700)
        symlink("real/file", directory("first"))
        symlink(directory("first"), directory("second"))
        let target = try BlockingContext.permit { try Directory.followingLinks(directory("second")) }
        #expect(target == directory("real/file"))
    }

    @Test(arguments: [
        ("/a/b", "/a", "b"), ("/a", "/", "a"), ("a", ".", "a"), ("/a/b/", "/a", "b"), ("/", "/", "/"),
        ("/a//b", "/a", "b"),
    ])
    func splitsPaths(path: String, parent: String, name: String) {
        #expect(PathText.name(of: path) == name)
        if path != "/" { #expect(PathText.directory(of: path) == parent) }
    }

    @Test(arguments: [("a/../b", "/x/b"), ("/a/./b//c", "/a/b/c"), ("../../..", "/"), ("", "/x")])
    func normalisesPaths(path: String, expected: String) {
        #expect(PathText.normalised(path, in: "/x") == expected)
    }
}
