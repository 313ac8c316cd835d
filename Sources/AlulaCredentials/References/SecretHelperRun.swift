import AlulaPrimitives
import AlulaSystem

/// One run of a helper program: a question, an answer, the end.
struct SecretHelperRun: Sendable {
    /// No configuration lets a helper take longer.
    private static let longestTimeout = Duration.seconds(120)

    /// The entry of `secrets.providers`.
    let alias: String
    let command: SecretHelperCommand
    /// What is asked for, in order.
    let ids: [String]
    /// The bound on the question.
    let maximumBatch: ByteCount
    /// The variables from which ``SecretHelperCommand/passedVariables`` are taken.
    let variables: [String: Secret]

    /// How long the program may take.
    var timeout: Duration { max(.milliseconds(1), min(command.timeout, Self.longestTimeout)) }

    /// Starts the program and waits for its end. Blocks the calling thread for no longer than ``timeout`` and the
    /// time that ending it takes.
    func perform() throws(SecretResolutionError) -> SecretHelperProtocol.Answer {
        let request = SecretHelperProtocol.request(alias: alias, ids: ids)
        guard request.count <= maximumBatch.bytes else {
            throw SecretResolutionError(
                .limitExceeded, "The question for the helper is larger than secrets.resolution.maxBatchBytes allows.")
        }
        let executable = try CommandTrust.check(command)
        let child = ChildCommand(
            executable: executable, arguments: command.arguments, environment: environment,
            workingDirectory: PathText.directory(of: command.command))
        let limits = ChildLimits(
            deadline: .after(timeout), silence: min(command.silenceTimeout, timeout),
            maximumOutput: command.maximumOutput, maximumErrorOutput: command.maximumOutput)
        let outcome: ChildOutcome
        do throws(SystemError) {
            outcome = try ChildProcess.run(child, input: request, limits: limits)
        } catch {
            throw failure(error)
        }
        switch outcome.status {
        case .exited(0):
            return try SecretHelperProtocol.decode(
                outcome.output, ids: ids, acceptsPlainText: command.acceptsPlainText)
        case .exited(let code):
            throw SecretResolutionError(.helperFailed, "\(name) ended with code \(code).")
        case .signalled(let signal):
            throw SecretResolutionError(.helperFailed, "\(name) was ended by signal \(signal).")
        case .unknown:
            throw SecretResolutionError(.helperFailed, "How \(name) ended is unknown.")
        }
    }

    /// Exactly the variables that the configuration names.
    private var environment: [String: String] {
        var environment: [String: String] = [:]
        for name in command.passedVariables { environment[name] = variables[name]?.exposed }
        for (name, value) in command.environment { environment[name] = value.exposed }
        return environment
    }

    /// The helper as messages call it.
    private var name: String { "The helper of \"\(alias)\" (\(PathText.name(of: command.command)))" }

    private func failure(_ error: SystemError) -> SecretResolutionError {
        switch error.code {
        case .deadlineExceeded:
            SecretResolutionError(
                .timedOut,
                "\(name) did not answer within \(timeout.milliseconds) ms and was ended; "
                    + "perhaps it waits for somebody to unlock it.")
        case .silent:
            SecretResolutionError(
                .timedOut,
                "\(name) wrote nothing for \(min(command.silenceTimeout, timeout).milliseconds) ms and was ended; "
                    + "perhaps it waits for somebody to unlock it.")
        case .outputTooLarge:
            SecretResolutionError(.limitExceeded, "\(name) wrote more than the \(command.maximumOutput) it may.")
        default:
            SecretResolutionError(.helperFailed, "\(name) could not be run. \(error.message)")
        }
    }
}
