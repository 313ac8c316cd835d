import AlulaJSON
import AlulaPrimitives
import Testing

@testable import AlulaConfiguration

struct IncludeTests {
    private let main = MemoryFiles.mainPath

    @Test func mergesFilesAndSiblingsWin() throws {
        let files = MemoryFiles([
            main:
                "{ $include: ['./a.json', 'sub/b.json5'], logging: { level: 'debug' }, agents: { list: [{id: 'c'}] } }",
            "/state/a.json":
                "{ logging: { level: 'warn', file: '/tmp/x' }, agents: { list: [{id: 'a'}] }, gateway: { port: 1001 } }",
            "/state/sub/b.json5": "{ gateway: { $include: '../gateway.json' }, agents: { list: [{id: 'b'}] } }",
            "/state/gateway.json": "{ port: 1002, bind: 'lan', auth: { mode: 'none' } }",
        ])
        let loaded = try files.loaded()
        #expect(loaded.problems.isEmpty)
        #expect(loaded.isComplete)
        #expect(loaded.configuration.logging.level == .debug)
        #expect(loaded.configuration.logging.file == "/tmp/x")
        #expect(loaded.configuration.gateway.port == 1002)
        #expect(loaded.configuration.gateway.bind == .lan)
        #expect(loaded.configuration.agents.agents.map(\.id) == ["a", "b", "c"])
        #expect(loaded.sources.map(\.path) == [main, "/state/a.json", "/state/sub/b.json5", "/state/gateway.json"])
        #expect(loaded.authored.value(at: "$include[1]") == "sub/b.json5")
        #expect(loaded.resolved.value(at: "$include") == nil)
    }

    @Test func problemsPointIntoTheIncludedFile() throws {
        let files = MemoryFiles([main: "{ gateway: { $include: 'g.json' } }", "/state/g.json": "{\n  port: 'x',\n}"])
        let problem = try #require(try files.loaded().problems.first)
        #expect(problem.file == "/state/g.json")
        #expect(problem.path == "gateway.port")
        #expect([problem.line, problem.column] == [2, 9])
    }

    @Test(
        arguments: [
            ("../outside.json", .forbiddenInclude), ("/etc/fake.json", .forbiddenInclude),
            ("a/../../x.json", .forbiddenInclude), ("missing.json", .missingInclude), ("", .invalidInclude),
            ("a\\u0000b", .invalidInclude), (String(repeating: "a", count: 5000), .invalidInclude),
            ("openclaw.json", .circularInclude), ("./x/../openclaw.json", .circularInclude),
            ("dir", .unreadableFile), ("big.json", .fileTooLarge), ("linked.json", .forbiddenInclude),
            ("escape.json", .forbiddenInclude), ("loop-a.json", .circularInclude),
            ("broken.json", .truncated), ("syntax.json", .syntax), ("deep.json", .tooDeep),
        ] as [(String, ConfigurationProblem.Code)])
    func badIncludesAreProblemsAndTheRestCounts(include: String, code: ConfigurationProblem.Code) throws {
        let files = MemoryFiles([
            main: "{ logging: { $include: \"\(include)\", level: 'debug' } }", "/outside.json": "{}",
            "/etc/fake.json": "{}", "/x.json": "{}",
            "/state/loop-a.json": "{ $include: 'loop-b.json' }",
            "/state/loop-b.json": "{ a: { $include: './loop-a.json' } }", "/state/broken.json": "{ a: [1,",
            "/state/syntax.json": "{ a; }", "/state/deep.json": String(repeating: "[", count: 200),
        ])
        files.set("/state/dir", .failure(ConfigurationError(.isDirectory, "This is a directory.")))
        files.set(
            "/state/big.json",
            .success(
                ConfigurationFile(bytes: Array(repeating: 0x20, count: (2 << 20) + 1), realPath: "/state/big.json")))
        files.set(
            "/state/linked.json",
            .success(ConfigurationFile(bytes: [0x7B, 0x7D], realPath: "/state/linked.json", isHardLinked: true)))
        files.set(
            "/state/escape.json",
            .success(ConfigurationFile(bytes: Array("{level: 'x'}".utf8), realPath: "/etc/passwd")))
        let loaded = try files.loaded()
        #expect(loaded.problems.first { $0.severity == .error }?.code == code, "\(loaded.problems)")
        #expect(loaded.configuration.logging.level == .debug)
        #expect(!loaded.isComplete)
        #expect(files.readPaths.allSatisfy { $0.hasPrefix("/state/") })
    }

    @Test func directoriesMayBeNamedToIncludeFrom() throws {
        let files = MemoryFiles([
            main: "{ $include: '/shared/a.json' }", "/shared/a.json": "{ gateway: { port: 1003 } }",
        ])
        #expect(try files.loaded().isComplete == false)
        let loaded = try files.loaded(includeRoots: ["/shared"])
        #expect(loaded.configuration.gateway.port == 1003)
        #expect(
            try MemoryFiles([main: "{ $include: '/sharedX/a.json' }"]).loaded(includeRoots: ["/shared"]).problems.map(
                \.code) == [.forbiddenInclude])
    }

    @Test func aLinkedMainFileMayIncludeFromBothPlaces() throws {
        let files = MemoryFiles(["/state/a.json": "{ gateway: { port: 1004 } }"])
        files.set(
            "/state/b.json",
            .success(
                ConfigurationFile(bytes: Array("{ logging: { level: 'warn' } }".utf8), realPath: "/dotfiles/b.json")))
        files.set(
            main,
            .success(
                ConfigurationFile(
                    bytes: Array("{ $include: ['a.json', 'b.json'] }".utf8), realPath: "/dotfiles/openclaw.json")))
        let loaded = try files.loaded()
        #expect(loaded.problems.isEmpty)
        #expect(loaded.configuration.gateway.port == 1004)
        #expect(loaded.configuration.logging.level == .warn)
    }

    @Test func depthAndNumberOfFilesAreBounded() throws {
        var texts = [main: "{ $include: '0.json' }"]
        for index in 0..<20 { texts["/state/\(index).json"] = "{ $include: '\(index + 1).json' }" }
        let files = MemoryFiles(texts)
        #expect(try files.loaded().problems.map(\.code) == [.invalidInclude])
        #expect(files.readPaths.count == 1 + IncludeExpander.maximumIncludeDepth)

        let many = (0..<1000).map { _ in "'a.json'" }.joined(separator: ",")
        let wide = MemoryFiles([main: "{ $include: [\(many)] }", "/state/a.json": "{ channels: { x: [1] } }"])
        let loaded = try wide.loaded()
        #expect(wide.readPaths.count <= IncludeExpander.maximumIncludes + 1)
        #expect(loaded.problems.first?.code == .invalidInclude)

        var bush = [main: "{ $include: ['0.json', '0.json', '0.json'] }"]
        for index in 0..<9 {
            bush["/state/\(index).json"] =
                "{ $include: ['\(index + 1).json', '\(index + 1).json', '\(index + 1).json'] }"
        }
        bush["/state/9.json"] = "{}"
        let explosion = MemoryFiles(bush)
        _ = explosion.load()
        #expect(explosion.readPaths.count <= IncludeExpander.maximumIncludes + 1)
    }

    @Test func theSizeOfAllFilesTogetherIsBounded() throws {
        let include = (0..<40).map { _ in "'a.json'" }.joined(separator: ",")
        let padding = String(repeating: " ", count: IncludeExpander.maximumIncludedBytes - 2)
        let files = MemoryFiles([main: "{ $include: [\(include)] }", "/state/a.json": "{}" + padding])
        let loaded = try files.loaded()
        #expect(loaded.problems.map(\.code) == Array(repeating: .fileTooLarge, count: 8))
        #expect(!loaded.isComplete)
    }

    @Test func nestingIsBoundedOverAllFiles() throws {
        let half = String(repeating: "{a:", count: 60)
        let files = MemoryFiles([
            main: "{ channels: " + half + "{ $include: 'a.json' }" + String(repeating: "}", count: 61),
            "/state/a.json": half + "1" + String(repeating: "}", count: 60),
        ])
        #expect(try files.loaded().problems.map(\.code) == [.tooDeep])
    }

    @Test func anIncludeMayStandForAnyValueWhenItStandsAlone() throws {
        let files = MemoryFiles([
            main:
                "{ agents: { list: { $include: 'list.json' } }, gateway: { trustedProxies: { $include: 'list2.json', x: 1 } } }",
            "/state/list.json": "[{id: 'a'}, {id: 'b'}]", "/state/list2.json": "['10.0.0.1']",
        ])
        let loaded = try files.loaded()
        #expect(loaded.configuration.agents.agents.map(\.id) == ["a", "b"])
        #expect(
            loaded.problems.map(\.code) == [.wrongType, .invalidInclude]
                || loaded.problems.map(\.code) == [.invalidInclude, .wrongType])
    }
}

struct PathTextTests {
    @Test(
        arguments: [
            ("a.json", "/x", "/x/a.json"), ("./a", "/x", "/x/a"), ("../a", "/x/y", "/x/a"), ("../../../a", "/x", "/a"),
            ("/a//b/./c/..", "/x", "/a/b"), ("a", "/", "/a"), ("..", "rel", ""),
        ])
    func resolves(path: String, directory: String, expected: String) {
        #expect(PathText.resolve(path, in: directory) == expected)
    }

    @Test func knowsDirectories() {
        #expect(PathText.directory(of: "/a/b") == "/a")
        #expect(PathText.directory(of: "/a") == "/")
        #expect(PathText.directory(of: "a") == ".")
        #expect(PathText.isWithin("/a/b", directory: "/a"))
        #expect(PathText.isWithin("/a/b", directory: "/"))
        #expect(!PathText.isWithin("/ab", directory: "/a"))
    }
}
