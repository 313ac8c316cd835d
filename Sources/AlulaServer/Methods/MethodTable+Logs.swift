extension MethodTable {
    /// `logs.*`.
    static let logs: [GatewayMethod] = []
}
