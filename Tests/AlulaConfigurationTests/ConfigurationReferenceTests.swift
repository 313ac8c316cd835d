import AlulaTestSupport
import Testing

@testable import AlulaConfiguration

struct ConfigurationReferenceTests {
    /// `make reference` runs this test with `UPDATE_FIXTURES=1`.
    @Test func thePageIsUpToDate() {
        let page = Fixture("../../../Documentation/Reference/configuration.md", of: "AlulaProtocolTests")
        #expect(page.matches(ConfigurationReference.page), "Run make reference.")
    }

    @Test func everyPlaceIsOnThePage() {
        let page = ConfigurationReference.page
        for place in ConfigurationSchema.current.places {
            #expect(page.contains("`\(place.name)`") || page.contains("## \(place.name)\n"), "\(place.name)")
        }
    }
}
