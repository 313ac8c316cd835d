import AlulaAuth
import AlulaJSON
import AlulaPrimitives
import Testing

@testable import AlulaCredentials

struct ProfileUsageTests {
    private let full = ProfileUsage(
        lastUsed: Timestamp(milliseconds: 1), cooldownUntil: Timestamp(milliseconds: 2), cooldownReason: .timeout,
        cooldownModel: "m", disabledUntil: Timestamp(milliseconds: 3), disabledReason: .billing,
        blockedUntil: Timestamp(milliseconds: 4), blockedReason: "subscription_limit", blockedSource: "wham",
        blockedModel: "n", errorCount: 5, failureCounts: [.billing: 2, .timeout: 3],
        lastFailureAt: Timestamp(milliseconds: 6))

    @Test func survivesTheFile() {
        var object = JSONObject()
        full.store(in: &object)
        #expect(ProfileUsage(stored: object) == full)
    }

    @Test func keepsMembersThatAreNotUnderstood() throws {
        var object = try #require(
            JSONValue.parse(#"{"custom":1,"cooldownUntil":9,"failureCounts":{"made_up":4}}"#).object)
        full.store(in: &object)
        #expect(object["custom"] == 1)
        #expect(object["failureCounts"]?["made_up"] == 4)
        ProfileUsage(lastUsed: Timestamp(milliseconds: 7)).store(in: &object)
        #expect(JSONValue.object(object).text() == #"{"custom":1,"lastUsed":7,"errorCount":0}"#)
    }
}
