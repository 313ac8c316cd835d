import AlulaAuth
import Testing

@testable import AlulaCredentials

struct AWSProfilesTests {
    @Test func findsWhatEachProfileUses() {
        let config = INIDocument(
            """
            ; a comment
            [default]
            region = eu-west-1
            [profile sso]
            sso_session = corp
            sso_account_id = 1
            [profile old-sso]
            sso_start_url = https://sso.example
            [profile lost-sso]
            sso_session = nowhere
            [profile "with space"]
            credential_process = /usr/bin/fake # comment
            [profile role]
            role_arn = arn:fake
            source_profile = default
            [profile role-over-sso]
            role_arn = arn:fake
            source_profile = sso
            [profile role-to-nowhere]
            role_arn = arn:fake
            source_profile = gone
            [profile loop-a]
            role_arn = arn:fake
            source_profile = loop-b
            [profile loop-b]
            role_arn = arn:fake
            source_profile = loop-a
            [profile web]
            role_arn = arn:fake
            web_identity_token_file = /fake
            [profile metadata]
            role_arn = arn:fake
            credential_source = Ec2InstanceMetadata
            [profile nested]
            s3 =
                aws_access_key_id = no
            [ignored]
            aws_access_key_id = AKIAFAKE
            aws_secret_access_key = fake
            [sso-session corp]
            sso_start_url = https://sso.example
            """)
        let credentials = INIDocument(
            """
            [default]
            aws_access_key_id = AKIAFAKE
            aws_secret_access_key = fake#1
            [half]
            aws_access_key_id = AKIAFAKE
            """)
        let profiles = AWSProfiles(config: config, credentials: credentials)
        #expect(
            profiles.means == [
                "default": .staticKeys, "sso": .singleSignOn, "old-sso": .singleSignOn, "with space": .process,
                "role": .assumedRole, "role-over-sso": .singleSignOn, "web": .webIdentity, "metadata": .assumedRole,
            ])
        #expect(profiles.unusable == ["half", "loop-a", "loop-b", "lost-sso", "role-to-nowhere"])
        #expect(credentials.sections.first?.values["aws_secret_access_key"] == "fake#1")
        #expect(
            config.sections.first { $0.name == "profile with space" }?.values["credential_process"] == "/usr/bin/fake")
    }

    @Test func prefersTheDefaultWithThePrefix() {
        let config = INIDocument(
            "[default]\naws_access_key_id=a\naws_secret_access_key=b\n[profile default]\nsso_start_url=https://s.example\n"
        )
        #expect(AWSProfiles(config: config, credentials: nil).means == ["default": .singleSignOn])
    }

    @Test func endlessChainsOfRolesEnd() {
        let config = (0..<5000).map { "[profile p\($0)]\nrole_arn=arn:fake\nsource_profile=p\($0 + 1)\n" }.joined()
        #expect(AWSProfiles(config: INIDocument(config), credentials: nil).means.isEmpty)
    }

    @Test func namesTheLinesThatItCouldNotRead() {
        let document = INIDocument("key = early\n[open\n\n[default]\nnonsense\nregion = x\n")
        #expect(document.malformedLines == [1, 2, 5])
        #expect(document.sections.map(\.name) == ["default"])
    }
}
