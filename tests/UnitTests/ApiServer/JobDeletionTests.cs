using Xunit;

namespace UnitTests.ApiServer;

[Collection(nameof(ApiServer))]
public sealed class JobDeletionTests(TestServer server)
{
    [Theory]
    [InlineData("", true)]
    [InlineData("?propagationPolicy=Background", false)]
    public async Task Who_deletes_a_job_without_a_word_on_its_pods_is_told_that_they_stay(string query, bool warned)
    {
        var ns = await server.Namespace();
        var made = await server.Expect(201, HttpMethod.Post, $"/apis/batch/v1/namespaces/{ns}/jobs",
            """{"metadata":{"name":"j"},"spec":{"template":{"spec":{"restartPolicy":"Never","containers":[{"name":"c","image":"i"}]}}}}""");
        Assert.Equal((string?)made["metadata"]!["uid"], (string?)made["spec"]!["selector"]!["matchLabels"]!["batch.kubernetes.io/controller-uid"]);
        using var response = await server.Send(HttpMethod.Delete, $"/apis/batch/v1/namespaces/{ns}/jobs/j{query}");
        Assert.Equal(200, (int)response.StatusCode);
        Assert.Equal(warned, response.Headers.TryGetValues("Warning", out var warnings) && warnings.Any(text => text.Contains("child pods are preserved by default", StringComparison.Ordinal)));
    }
}
