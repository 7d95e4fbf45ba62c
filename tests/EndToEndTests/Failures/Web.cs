namespace EndToEndTests.Failures;

/// <summary>What is disturbed in most of these tests.</summary>
internal static class Web
{
    /// <summary>A Deployment of two pods, and its Service; more may follow.</summary>
    public const string Manifest = """
        apiVersion: apps/v1
        kind: Deployment
        metadata: { name: web }
        spec:
          replicas: 2
          selector: { matchLabels: { app: web } }
          template:
            metadata: { labels: { app: web } }
            spec: { terminationGracePeriodSeconds: 1, containers: [{ name: nginx, image: nginx }] }
        ---
        apiVersion: v1
        kind: Service
        metadata: { name: web }
        spec: { selector: { app: web }, ports: [{ port: 80 }] }
        ---

        """;
}
