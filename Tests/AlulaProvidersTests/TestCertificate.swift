/// A certificate of nobody, for `localhost` from 2020 to 2120, which is its own authority, and its key.
enum TestCertificate {
    static let certificate = """
        -----BEGIN CERTIFICATE-----
        MIIBcTCCARegAwIBAgIBATAKBggqhkjOPQQDAjAZMRcwFQYDVQQDDA5mYWtlLXRl
        c3Qtb25seTAgFw0yMDAxMDEwMDAwMDBaGA8yMTIwMDEwMTAwMDAwMFowGTEXMBUG
        A1UEAwwOZmFrZS10ZXN0LW9ubHkwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAAQH
        bBvfUMR+w3ZGWFre5aJBBMte8xOsFjoq+O/FRIX+15NHm4eKCLV1Myrt1hqmE89u
        OEpoW/z41uJtKqeQCLLCo04wTDAaBgNVHREEEzARgglsb2NhbGhvc3SHBH8AAAEw
        DwYDVR0TAQH/BAUwAwEB/zAdBgNVHQ4EFgQUyLdweQJkjO4C+Nm/0uKnEoEYW+0w
        CgYIKoZIzj0EAwIDSAAwRQIhAOY/cn8Q0olZagxTle6NOdL2EyRLOUHZCr8B5ACq
        i2RUAiBjwQfGLSHuqB416bAifs75RdSP02wNRQIy+M8YUgMYZQ==
        -----END CERTIFICATE-----

        """
    static let key = """
        -----BEGIN PRIVATE KEY-----
        MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgCfKnc2TtTQnmf8As
        UjU5EHiMc5lSmMMT7img17EZ+iGhRANCAAQHbBvfUMR+w3ZGWFre5aJBBMte8xOs
        Fjoq+O/FRIX+15NHm4eKCLV1Myrt1hqmE89uOEpoW/z41uJtKqeQCLLC
        -----END PRIVATE KEY-----

        """
    static let passphrase = "fake-passphrase"
    /// ``key``, which ``passphrase`` opens.
    static let lockedKey = """
        -----BEGIN ENCRYPTED PRIVATE KEY-----
        MIHsMFcGCSqGSIb3DQEFDTBKMCkGCSqGSIb3DQEFDDAcBAiTUNeIC7smPQICA+gw
        DAYIKoZIhvcNAgkFADAdBglghkgBZQMEASoEECQtWe8nsMnmNWxJtZZKhEQEgZCN
        JEqtEshLqgp2++3m8lCd/H/YgYCCoW0ICgvZPZvJvIvt14WrYMO4jfZsw1Gfl2lI
        HdHOH7MncWYDM+TbxpIVrxrYbjrwWYR43tn3KT5KLmXrmi8bqQGmrMPW7gZl41p4
        6gMr53db+/UU5A/rjz8wnqXRaTWfknR+dZxZ8k0IybU9/4XBTQQclnP2PCSpZIE=
        -----END ENCRYPTED PRIVATE KEY-----

        """
}
