import AlulaConfiguration
import AlulaJSON
import Testing

@testable import AlulaCLI

struct ConfigEditCommandTests {
    private static let before = "// mine\n{ gateway: { port: 18789 } }\n"
    private static let after = "{ gateway: { port: 19000 } } // mine no more\n"
    private static let broken = "{ gateway: { port: 19000 }\n"
    private static let mistaken = "{ gateway: { port: 99999 } }\n"

    /// Runs `alula config edit` before a person who types `answers`.
    private func edit(
        _ file: FakeConfigurationText, answers: String = "", variables: [String: String] = ["EDITOR": "ed -s"],
        isInteractive: Bool = true, _ flags: String...
    ) async -> (status: AlulaCLI.ExitStatus, terminal: FakeTerminal) {
        let scene = CommandScene(input: answers, isInteractive: isInteractive) { state in
            state.variables = ["HOME": "/home/me"].merging(variables) { $1 }
        }
        var environment = scene.testEnvironment
        environment.configurationText = { _ in file }
        environment.editors = { _ in file }
        return (await CommandLineTool.run(["config", "edit"] + flags, in: environment), scene.terminal)
    }

    @Test func savesWhatIsSound() async {
        let file = FakeConfigurationText(text: Self.before, edits: [Self.after])
        let (status, terminal) = await edit(file)
        #expect(status == .done)
        #expect(file.text == Self.after)
        #expect(file.copied == nil)
        #expect(file.commands == ["ed -s /private/copy"])
        #expect(terminal.output.hasPrefix("Saved /home/me/.openclaw/openclaw.json."))
        #expect(terminal.errors.contains("Takes effect when the gateway is started again: gateway.port."))
    }

    @Test func aMissingFileBeginsEmpty() async {
        let file = FakeConfigurationText(text: nil, edits: [Self.after])
        #expect(await edit(file).status == .done)
        #expect(file.text == Self.after)
    }

    @Test func theSameTextChangesNothing() async throws {
        let file = FakeConfigurationText(text: Self.before)
        let (status, terminal) = await edit(file, "--json")
        #expect(status == .done)
        #expect(try #require(terminal.document)["changed"] == false)
        #expect(file.copied == nil)
    }

    @Test func visualComesBeforeEditor() async {
        let file = FakeConfigurationText(text: Self.before)
        _ = await edit(file, variables: ["EDITOR": "ed", "VISUAL": "code --wait"])
        #expect(file.commands == ["code --wait /private/copy"])
    }

    @Test func whatCannotBeReadNeverReplacesTheFile() async {
        let file = FakeConfigurationText(text: Self.before, edits: [Self.broken])
        let (status, terminal) = await edit(file, answers: "s")
        #expect(status == .configuration)
        #expect(file.text == Self.before)
        #expect(file.copied == Self.broken)
        #expect(terminal.errors.contains("not saved yet: line 2"))
        #expect(!terminal.errors.contains("(s)"))
        #expect(terminal.errors.contains("Your text is kept in /private/copy."))
    }

    @Test func mistakesAreSavedOnlyOnDemand() async {
        let kept = FakeConfigurationText(text: Self.before, edits: [Self.mistaken])
        let (status, terminal) = await edit(kept)
        #expect(status == .configuration)
        #expect(kept.text == Self.before)
        #expect(terminal.errors.contains("gateway.port: This must be a whole number from 1 to 65535."))
        let saved = FakeConfigurationText(text: Self.before, edits: [Self.mistaken])
        #expect(await edit(saved, answers: "s\n").status == .done)
        #expect(saved.text == Self.mistaken)
        let again = FakeConfigurationText(text: Self.before, edits: [Self.broken, Self.mistaken, Self.after])
        #expect(await edit(again, answers: "e\ne\n").status == .done)
        #expect(again.text == Self.after)
        #expect(again.commands.count == 3)
    }

    private static let long = "// \(String(repeating: "x", count: 600))\n{ gateway: { mode: 'local', port: 18789 } }\n"
    private static let short = "{ gateway: { mode: 'local' } }\n"
    private static let shortAndMistaken = "{ gateway: { mode: 'local', port: 99999 } }\n"

    @Test func whatLeavesTooLittleIsSavedOnlyOnDemand() async {
        let kept = FakeConfigurationText(text: Self.long, edits: [Self.short])
        let (status, terminal) = await edit(kept)
        #expect(status == .configuration)
        #expect(kept.text == Self.long)
        #expect(kept.copied == Self.short)
        #expect(terminal.errors.contains("too little would be left (size-drop:\(Self.long.utf8.count)->31)"))
        let saved = FakeConfigurationText(text: Self.long, edits: [Self.short])
        #expect(await edit(saved, answers: "s\n").status == .done)
        #expect(saved.text == Self.short)
        let again = FakeConfigurationText(text: Self.long, edits: [Self.after, Self.long + "// more\n"])
        #expect(await edit(again, answers: "e\n").status == .done)
        #expect(again.text == Self.long + "// more\n")
    }

    @Test func aFlagSaysThatLittleIsMeant() async {
        let file = FakeConfigurationText(text: Self.long, edits: [Self.short])
        let (status, terminal) = await edit(file, "--allow-shrink")
        #expect(status == .done)
        #expect(file.text == Self.short)
        #expect(!terminal.errors.contains("(s)"))
        // It says nothing about mistakes.
        let mistaken = FakeConfigurationText(text: Self.long, edits: [Self.shortAndMistaken])
        #expect(await edit(mistaken, "--allow-shrink").status == .configuration)
        #expect(mistaken.text == Self.long)
    }

    @Test func whatIsMistakenAndTooLittleIsAskedForTwice() async {
        let file = FakeConfigurationText(text: Self.long, edits: [Self.shortAndMistaken])
        #expect(await edit(file, answers: "s\n").status == .configuration)
        #expect(file.text == Self.long)
        let twice = FakeConfigurationText(text: Self.long, edits: [Self.shortAndMistaken])
        #expect(await edit(twice, answers: "s\ns\n").status == .done)
        #expect(twice.text == Self.shortAndMistaken)
    }

    @Test func aBrokenFileCanBeMended() async {
        let file = FakeConfigurationText(text: Self.broken, edits: [Self.after])
        #expect(await edit(file).status == .done)
        #expect(file.text == Self.after)
    }

    @Test func nobodyElsesChangeIsWrittenOver() async {
        let file = FakeConfigurationText(text: Self.before, edits: [Self.after], intrusion: "{ theirs: 1 }")
        let (status, terminal) = await edit(file)
        #expect(status == .no)
        #expect(file.text == "{ theirs: 1 }")
        #expect(file.copied == Self.after)
        #expect(terminal.errors.contains("Your text is kept in /private/copy."))
    }

    @Test func anEditorThatFailsLeavesEverything() async {
        let file = FakeConfigurationText(text: Self.before, edits: [Self.after], status: 1)
        #expect(await edit(file).status == .no)
        #expect(file.text == Self.before)
        #expect(file.copied == nil)
    }

    @Test func needsAnEditorAndATerminal() async {
        let file = FakeConfigurationText(text: Self.before, edits: [Self.after])
        let (status, terminal) = await edit(file, variables: ["EDITOR": " "])
        #expect(status == .usage)
        #expect(terminal.errors.contains("No editor is set. Name one: EDITOR=nano alula config edit"))
        #expect(await edit(file, isInteractive: false).status == .usage)
        #expect(await edit(file, "--no-input").status == .usage)
        #expect(file.commands == [])
    }
}
