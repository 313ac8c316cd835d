import AlulaPrimitives
import AlulaState
import ArgumentParser

/// Options of commands that may ask a gateway.
struct ConnectionOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Ask the gateway at this address.", valueName: "url")) var url: String?
    @Option(help: ArgumentHelp("The gateway's token.", valueName: "token")) var token: String?
    @Option(help: ArgumentHelp("The gateway's password.", valueName: "password")) var password: String?
    @Option(help: ArgumentHelp("How long to wait for an answer.", valueName: "ms")) var timeout: Int = 10_000

    func validate() throws {
        guard (1...3_600_000).contains(timeout) else {
            throw ValidationError("--timeout is a number of milliseconds from 1 to 3600000.")
        }
    }
}
