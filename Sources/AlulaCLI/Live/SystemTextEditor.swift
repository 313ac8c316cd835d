import AlulaPrimitives
import AlulaState
import AlulaSystem

/// Starts the editor of this machine's user.
struct SystemTextEditor: TextEditing {
    private static let deadline = Duration.seconds(10)
    /// How long somebody may leave an editor open.
    private static let patience = Duration.seconds(7 * 86_400)
    private static let maximumText = ByteCount.mebibytes(64)

    let pool: BlockingPool
    /// The directory that the copies go to; nobody else can read it.
    let directory: String
    /// The process's environment, which the editor gets.
    let variables: [String: String]

    func makeCopy(of text: [UInt8], from path: String) async throws -> String {
        let directory = directory
        return try await pool.run("copy the configuration", deadline: .after(Self.deadline)) {
            try Directory.make(directory)
            // A place of its own each time: a text that was kept is not written over.
            let place = try Directory.makeTemporary(in: directory, prefix: "edit.")
            let copy = "\(place)/\(PathText.name(of: path))"
            _ = try DurableFile.replace(copy, with: text)
            return copy
        }
    }

    func edit(_ copy: String, with editor: String) async throws -> Int32 {
        let variables = variables
        return try await pool.run("wait for the editor", deadline: .after(Self.patience)) {
            // The setting is a command line, such as `code --wait`; the path is an argument of its own.
            let command = ChildCommand(
                executable: "/bin/sh", arguments: ["-c", editor + " \"$1\"", "sh", copy], environment: variables)
            if case .exited(let code) = try TerminalProgram.run(command) { return code }
            return -1
        }
    }

    func read(_ copy: String) async throws -> [UInt8] {
        try await pool.run("read the edited text", deadline: .after(Self.deadline)) {
            try FileReader.read(copy, maximum: Self.maximumText).bytes
        }
    }

    func discard(_ copy: String) async {
        let directory = PathText.directory(of: copy)
        do {
            try await pool.run("remove the copy", deadline: .after(Self.deadline)) {
                try Directory.removeAll(directory)
            }
        } catch {
            // The copy stays where only its owner can read it; the edit itself is done or refused already.
        }
    }
}
