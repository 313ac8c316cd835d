extension MethodTable {
    /// `device.*`.
    static let devices: [GatewayMethod] = []
}
