import AlulaAuth
import AlulaCredentials
import AlulaPrimitives

/// Signs in with a browser: shows the address, waits for the browser and for what a person pastes, whichever comes first, and
/// exchanges the code.
struct BrowserLogin {
    /// How long a person may take.
    private static let patience = Duration.seconds(600)
    private static let redemption = Duration.seconds(60)
    /// Lines that may be wrong.
    private static let maximumLines = 20

    /// What one of the two ways came to.
    private enum Ending: Sendable {
        case verdict(CallbackVerdict)
        /// Nothing more can come this way.
        case nothing
        /// Somebody who can't be asked sent what is no answer.
        case wrongInput(CallbackFault)
    }

    private let session: CommandSession
    private let provider: ProviderID
    private let attempt: any BrowserSigningIn

    init(_ attempt: any BrowserSigningIn, to provider: ProviderID, in session: CommandSession) {
        self.attempt = attempt
        self.provider = provider
        self.session = session
    }

    /// - Parameter opensBrowser: Whether to try to open one here.
    /// - Throws: ``CommandError``, `CancellationError`.
    func run(opensBrowser: Bool) async throws -> IssuedLogin {
        let login: Result<IssuedLogin, any Error>
        do {
            showAddress()
            if opensBrowser { await session.environment.openBrowser(attempt.url) }
            login = .success(try await redeem(try await code(until: .after(Self.patience))))
        } catch {
            login = .failure(error)
        }
        await attempt.end()
        return try login.get()
    }

    private func showAddress() {
        session.output.note("To sign in to \(provider), open this address in a browser:\n\n  \(attempt.url)\n")
        let paste = "paste the address that the browser ends at, even if it shows no page"
        guard let hindrance = attempt.hindrance else {
            session.output.note("Waiting for the browser. If it runs on another machine, \(paste):")
            return
        }
        session.output.note("The browser can't come back by itself: \(hindrance). So \(paste):")
    }

    // MARK: The code

    private func code(until deadline: Deadline) async throws -> Secret {
        let (attempt, terminal) = (attempt, session.environment.terminal)
        let readsInput = session.mayAsk || !terminal.isInputInteractive
        let ending = try await withThrowingTaskGroup(of: Ending.self) { group in
            defer { group.cancelAll() }
            if attempt.hindrance == nil {
                group.addTask { try await attempt.answer(until: deadline).map { .verdict($0) } ?? .nothing }
            }
            if readsInput { group.addTask { try await pasted(until: deadline) } }
            for try await ending in group {
                if case .nothing = ending { continue }
                return ending
            }
            return Ending.nothing
        }
        switch ending {
        case .verdict(.code(let code)): return code
        case .verdict(.refused(let reason)):
            throw CommandError(.credentialRejected, "Signing in was refused (\(reason)); nothing was stored.")
        case .verdict(.foreign(let fault)), .wrongInput(let fault):
            throw CommandError(.usage, "\(Self.words(fault)) Nothing was stored.")
        case .nothing:
            guard deadline.hasPassed || attempt.hindrance == nil else {
                throw CommandError(
                    .unavailable, "The browser can't come back by itself, and nothing was pasted; nothing was stored.")
            }
            throw CommandError(.timedOut, "Nobody signed in for too long; nothing was stored. Try again.")
        }
    }

    /// Takes lines until one is an answer.
    private func pasted(until deadline: Deadline) async throws -> Ending {
        let terminal = session.environment.terminal
        var fault: CallbackFault?
        for _ in 0..<Self.maximumLines {
            guard let line = try await terminal.readLine(until: deadline) else { break }
            if line.trimmed().isEmpty { continue }
            let verdict = attempt.judge(pasted: line)
            guard case .foreign(let found) = verdict else { return .verdict(verdict) }
            fault = found
            if terminal.isInputInteractive { session.output.note("\(Self.words(found)) Try again:") }
        }
        // A person may still sign in with the browser; whoever sent a file has sent all of it.
        guard let fault, !terminal.isInputInteractive else { return .nothing }
        return .wrongInput(fault)
    }

    private static func words(_ fault: CallbackFault) -> String {
        switch fault {
        case .otherPath: "That is not the address that the browser ends at after signing in."
        case .otherState: "That belongs to another attempt to sign in; open the address of this one."
        case .noCode: "There is no code in that."
        case .malformed: "That is not understood."
        }
    }

    // MARK: The login

    private func redeem(_ code: Secret) async throws -> IssuedLogin {
        session.output.note("Signed in. Asking \(provider) for the login.")
        do {
            return try await attempt.redeem(code, until: .after(Self.redemption))
        } catch let failure as RenewalFailure {
            throw CommandError(signingIn: failure)
        }
    }
}
