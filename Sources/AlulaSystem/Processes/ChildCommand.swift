package import AlulaPrimitives

/// A program to start, with everything it gets to see.
package struct ChildCommand: Sendable {
    /// Absolute path of the program.
    package var executable: String
    /// What follows the program's name.
    package var arguments: [String]
    /// The whole environment; nothing is inherited.
    package var environment: [String: String]
    /// Where it starts; `nil` for where this process is.
    package var workingDirectory: String?

    package init(
        executable: String, arguments: [String] = [], environment: [String: String] = [:],
        workingDirectory: String? = nil
    ) {
        self.executable = executable
        self.arguments = arguments
        self.environment = environment
        self.workingDirectory = workingDirectory
    }
}

/// How long a child may take and how much it may say.
package struct ChildLimits: Sendable {
    /// When it is ended, whatever it does.
    package var deadline: Deadline
    /// The longest it may go without any output; `nil` for no such limit.
    package var silence: Duration?
    /// Bytes on its standard output.
    package var maximumOutput: ByteCount
    /// Bytes on its standard error.
    package var maximumErrorOutput: ByteCount
    /// What it gets between SIGTERM and SIGKILL.
    package var grace: Duration

    package init(
        deadline: Deadline, silence: Duration? = nil, maximumOutput: ByteCount = .mebibytes(1),
        maximumErrorOutput: ByteCount = .kibibytes(64), grace: Duration = .milliseconds(200)
    ) {
        self.deadline = deadline
        self.silence = silence
        self.maximumOutput = maximumOutput
        self.maximumErrorOutput = maximumErrorOutput
        self.grace = grace
    }
}

/// How a child ended.
package enum ChildStatus: Hashable, Sendable {
    /// By itself, with this code.
    case exited(Int32)
    /// By this signal.
    case signalled(Int32)
    /// Unknown: somebody else collected it.
    case unknown

    /// - Parameter raw: As the system says it.
    init(raw: Int32) { self = raw & 0x7F == 0 ? .exited((raw >> 8) & 0xFF) : .signalled(raw & 0x7F) }
}

/// What a child that ended by itself left.
package struct ChildOutcome: Sendable {
    package let status: ChildStatus
    /// Standard output.
    package let output: [UInt8]
    /// Standard error. It may hold anything, secrets included.
    package let errorOutput: [UInt8]

    /// Whether it exited with 0.
    package var isSuccess: Bool { status == .exited(0) }
}
