import Testing

@testable import AlulaState

struct WatchMapTests {
    @Test(arguments: [("/a/b", "/a", "b"), ("/a", "/", "a"), ("a", ".", "a")])
    func splitsPaths(_ path: String, _ directory: String, _ name: String) {
        let parts = WatchMap.split(path)
        #expect(parts.directory == directory)
        #expect(parts.name == name)
    }

    @Test func forgetsDirectoriesThatTellAboutNothing() {
        var map = WatchMap()
        map.set("/a/f", to: [.init(directory: "/a", name: "f")])
        map.set("/a/g", to: [.init(directory: "/a", name: "g")])
        map.set("/x/link", to: [.init(directory: "/x", name: "link"), .init(directory: "/a", name: "f")])
        map.remove(["/a/f"])
        #expect(map.paths(at: .init(directory: "/a", name: "f")) == ["/x/link"])
        #expect(map.paths(in: "/a") == ["/a/g", "/x/link"])
        map.set("/x/link", to: [])
        map.remove(["/a/g"])
        #expect(map.directories.isEmpty)
    }
}
