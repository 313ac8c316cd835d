/// Finds out whether a gateway runs here.
package protocol GatewayLocating: Sendable {
    /// - Returns: `nil` when none runs. It only looks at locks and files and asks nobody.
    func runningGateway(_ context: CommandContext) async throws -> RunningGateway?
}
