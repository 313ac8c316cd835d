import Testing

@testable import AlulaCLI

struct PortChoiceTests {
    @Test(
        arguments: [
            (nil, [:], false, nil), (nil, [:], true, 19_001), (5, ["ALULA_GATEWAY_PORT": "6"], true, 5),
            (nil, ["ALULA_GATEWAY_PORT": "6", "OPENCLAW_GATEWAY_PORT": "7"], true, 6),
            (nil, ["OPENCLAW_GATEWAY_PORT": " 7 "], false, 7), (nil, ["ALULA_GATEWAY_PORT": "none"], false, nil),
            (nil, ["ALULA_GATEWAY_PORT": "70000", "OPENCLAW_GATEWAY_PORT": "7"], false, 7), (0, [:], true, 0),
        ] as [(Int?, [String: String], Bool, Int?)])
    func theNearestWordCounts(option: Int?, variables: [String: String], isDevelopment: Bool, port: Int?) {
        #expect(PortChoice(option: option, variables: variables, isDevelopment: isDevelopment).port == port)
    }
}
