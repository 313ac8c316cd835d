import AlulaAuth
import AlulaCredentials
import AlulaPrimitives

/// Signs in with a code that a person types on another device: shows both, and asks the provider until it was typed.
struct DeviceLogin {
    /// How long one question may take.
    private static let patience = Duration.seconds(30)

    private let session: CommandSession
    private let provider: ProviderID
    private let attempt: any DeviceSigningIn

    init(_ attempt: any DeviceSigningIn, to provider: ProviderID, in session: CommandSession) {
        self.attempt = attempt
        self.provider = provider
        self.session = session
    }

    /// - Throws: ``CommandError``, `CancellationError`.
    func run() async throws -> IssuedLogin {
        let login: Result<IssuedLogin, any Error>
        do {
            showCode()
            let grant = try await grant()
            session.output.note("Signed in. Asking \(provider) for the login.")
            login = .success(try await attempt.redeem(grant, until: .after(Self.patience)))
        } catch let failure as RenewalFailure {
            login = .failure(CommandError(signingIn: failure))
        } catch {
            login = .failure(error)
        }
        await attempt.end()
        return try login.get()
    }

    private func showCode() {
        let minutes = Int(attempt.lifetime / .seconds(60))
        session.output.note(
            """
            To sign in to \(provider), open this page on any device:

              \(attempt.page)

            and type this code there within \(minutes) minutes. It lets in whoever asked for it, so never type one that \
            somebody sent you:

              \(attempt.userCode)

            """)
    }

    private func grant() async throws -> DeviceGrant {
        let start = session.environment.elapsed()
        var polling = attempt.polling
        var step = polling.next(elapsed: .zero)
        while true {
            switch step {
            case .ask(let pause): try await session.environment.pause(pause)
            case .giveUp(let failure): throw failure
            case .tooLate:
                throw CommandError(.timedOut, "Nobody typed the code in time; nothing was stored. Try again.")
            }
            do {
                if let grant = try await attempt.answer(until: .after(Self.patience)) { return grant }
                step = polling.next(elapsed: session.environment.elapsed() - start)
            } catch let failure as RenewalFailure {
                step = polling.next(after: failure, elapsed: session.environment.elapsed() - start)
            }
        }
    }
}

extension CommandError {
    /// Why no login came of signing in.
    init(signingIn failure: RenewalFailure) {
        let isRefusal = failure.code.needsPerson && failure.code != .unsupported
        self.init(
            isRefusal ? .credentialRejected : .unavailable,
            "No login came of it: \(failure.message). Nothing was stored; try again.", underlying: failure)
    }
}
