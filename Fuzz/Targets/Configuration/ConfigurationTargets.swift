import AlulaConfiguration
import AlulaJSON

/// Configuration files in memory: the main one, and some that it may include.
struct FuzzFiles {
    static let mainPath = "/state/openclaw.json"
    private static let others = ["/state/a.json5", "/state/b/c.json5", "/elsewhere/d.json5"]

    private var files: [String: [UInt8]] = [:]

    /// Takes the main file and what it may include from `input`.
    init(_ input: inout FuzzInput) {
        files[Self.mainPath] = input.part()
        for path in Self.others {
            let bytes = input.part()
            if !bytes.isEmpty { files[path] = bytes }
        }
    }

    /// Only the main file.
    init(main: [UInt8]) { files[Self.mainPath] = main }

    mutating func write(_ bytes: [UInt8], to path: String) { files[path] = bytes }

    var main: [UInt8] { files[Self.mainPath] ?? [] }

    private var read: ConfigurationLoader.ReadFile {
        let files = files
        return { path, maximum throws(ConfigurationError) in
            guard let bytes = files[path] else { return nil }
            guard bytes.count <= maximum else { throw ConfigurationError(.tooLarge, "The file is too large.") }
            return ConfigurationFile(bytes: bytes, realPath: path)
        }
    }

    /// The variable holds the secret of ``Canary``.
    private static let environment = ["FAKE_KEY": Canary.text, "FAKE_PORT": "8080"]

    func load() -> ConfigurationOutcome {
        ConfigurationLoader(readFile: read, environment: Self.environment).load(path: Self.mainPath)
    }

    var editor: ConfigurationEditor {
        ConfigurationEditor(path: Self.mainPath, readFile: read, environment: Self.environment)
    }
}

extension FuzzTarget {
    /// Loading files that include one another: it always comes to something, the same each time, with problems that have
    /// a place and don't grow without end.
    static let configuration = FuzzTarget("configuration") { input in
        var input = input
        let files = FuzzFiles(&input)
        let outcome = files.load()
        try check(outcome.problems)
        try require(outcome.sources.count <= 300, "too many files were read")
        let again = files.load()
        try require(again.problems == outcome.problems, "the problems of one configuration change")
        try require(again.sources == outcome.sources, "the files of one configuration change")
        guard case .loaded(let loaded) = outcome, case .loaded(let same) = again else { return }
        try require(loaded.resolved == same.resolved, "one configuration comes to two values")
        try require(ReloadPlan(from: loaded.resolved, to: same.resolved).isNothing, "no change is a change")
        try require(loaded.hasErrors == loaded.problems.contains { $0.severity == .error }, "an error is not told")
        // What is refused is refused by its kind and not by what else stands in the file.
        _ = ReloadPlan(from: .object(JSONObject()), to: loaded.resolved, ignoring: loaded.unknownPaths)
        try require(!"\(loaded)".contains(Canary.text), "a configuration prints a secret")
    }

    private static func check(_ problems: [ConfigurationProblem]) throws(BrokenProperty) {
        try require(problems.count <= 501, "problems grow without end")
        for problem in problems {
            try require(problem.line >= 1 && problem.column >= 1, "a problem has no place")
            try require(!problem.file.isEmpty, "a problem has no file")
            try require(
                problem.message.utf8.count + problem.remedy.utf8.count <= 1200, "a problem's words are endless")
            try require(!problem.message.isEmpty, "a problem says nothing")
        }
    }

    /// Edits: what was shown and comes back changes nothing, and an edit that is done again changes nothing.
    static let configurationEdit = FuzzTarget("configuration-edit") { input in
        var input = input
        let kind = input.byte() % 4
        let request = input.part()
        var files = FuzzFiles(&input)
        let editor = files.editor
        let snapshot = editor.snapshot()
        if kind == 0 {
            try checkShownComesBack(snapshot, editor)
            return
        }
        guard let wanted = value(request) else { return }
        let edit: ConfigurationEditor.Request =
            kind == 1
            ? .patch(wanted, replacing: [])
            : kind == 2 ? .text(request) : .file(request, acceptsMistakes: false)
        let outcome: ConfigurationEditor.Outcome
        do throws(ConfigurationEditError) {
            outcome = try editor.apply(edit, to: snapshot)
        } catch {
            try require(error.message.utf8.count <= 400, "a refusal is endless")
            return
        }
        for change in outcome.changes {
            try require(change.before != change.after, "a change that changes nothing")
            files.write(change.after, to: change.path)
        }
        let after = files.editor.snapshot()
        guard case .loaded(let loaded) = after.outcome else {
            throw BrokenProperty(description: "what was written can't be read")
        }
        try require(loaded.resolved == outcome.configuration.resolved, "what was written is not what was announced")
        guard kind == 1 else { return }
        let again = try files.editor.apply(edit, to: after)
        try require(again.changes.isEmpty, "a patch that is applied again changes something")
    }

    private static func checkShownComesBack(
        _ snapshot: ConfigurationSnapshot, _ editor: ConfigurationEditor
    ) throws {
        guard case .loaded(let loaded) = snapshot.outcome, !loaded.isBlank, let text = snapshot.text,
            !text.text.contains("REDACTED"), let shown = snapshot.shown.text
        else { return }
        let outcome = try editor.apply(.text(Array(shown.utf8)), to: snapshot)
        try require(
            outcome.configuration.resolved.isEquivalent(to: loaded.resolved), "what was shown comes back as another")
    }

    static func value(_ text: [UInt8]) -> JSONValue? {
        do { return try JSON5Document(parsing: text).root.value } catch { return nil }
    }
}
