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
