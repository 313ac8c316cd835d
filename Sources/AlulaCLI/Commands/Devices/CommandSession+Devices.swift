import AlulaJSON
import AlulaProtocol

extension CommandSession {
    /// Asks for something about one device or request; who names one that is not there is told where they are listed.
    func askAboutDevice(_ method: String, _ parameters: JSONValue) async throws -> JSONValue {
        do {
            return try await ask(method, parameters)
        } catch let error as CommandError {
            let missing: String
            switch error.detailCode {
            case GatewayError.unknownPairingRequest.detailCode: missing = "No device waits with this request."
            case GatewayError.unknownDevice.detailCode: missing = "No device has this id."
            default: throw error
            }
            throw CommandError(
                .notFound, "\(missing) See them with: alula devices list", detailCode: error.detailCode,
                underlying: error)
        }
    }
}
