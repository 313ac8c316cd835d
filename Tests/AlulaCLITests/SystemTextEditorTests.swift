import AlulaSystem
import AlulaTestSupport
import Testing

@testable import AlulaCLI

struct SystemTextEditorTests {
    private func editor(in directory: TemporaryDirectory) -> SystemTextEditor {
        SystemTextEditor(
            pool: BlockingPool(), directory: directory.path + "/alula",
            variables: ["PATH": "/usr/bin:/bin", "WORD": "new"])
    }

    @Test func anEditorSeesTheCopyAndNobodyElseDoes() async throws {
        let directory = try TemporaryDirectory()
        let editor = editor(in: directory)
        let copy = try await editor.makeCopy(of: Array("old".utf8), from: "/state/open claw.json")
        #expect(copy.hasSuffix("/open claw.json"))
        let command =
            "test \"$(stat -c %a \"$1\")\" = 600 && printf '%s %s' \"$(cat \"$1\")\" \"$WORD\" > \"$1.x\"; mv \"$1.x\""
        #expect(try await editor.edit(copy, with: command) == 0)
        #expect(try await editor.read(copy) == Array("old new".utf8))
        await editor.discard(copy)
        let left = try BlockingContext.permit { try Directory.list(directory.path + "/alula") }
        #expect(left == [])
    }

    @Test func aTextThatWasKeptIsNotWrittenOver() async throws {
        let directory = try TemporaryDirectory()
        let editor = editor(in: directory)
        let kept = try await editor.makeCopy(of: Array("kept".utf8), from: "/state/openclaw.json")
        let other = try await editor.makeCopy(of: Array("other".utf8), from: "/state/openclaw.json")
        await editor.discard(other)
        #expect(try await editor.read(kept) == Array("kept".utf8))
    }

    @Test(arguments: [("exit 3 #", 3), ("no-such-editor", 127), ("kill -9 $$ #", -1)] as [(String, Int32)])
    func tellsHowTheEditorEnded(command: String, status: Int32) async throws {
        let directory = try TemporaryDirectory()
        let editor = editor(in: directory)
        let copy = try await editor.makeCopy(of: [], from: "/state/openclaw.json")
        #expect(try await editor.edit(copy, with: command) == status)
        await editor.discard(copy)
    }
}
