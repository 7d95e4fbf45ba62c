using KubeApi.Objects;

namespace NodeAgent.Probes;

/// <summary>A container that answers with a code from 200 to 399 passes; with a redirect to elsewhere it does so with a warning.</summary>
internal static class HttpProbe
{
    public const string UserAgent = "kube-probe/1.36";

    /// <exception cref="BadProbeException">The request cannot be made as it is written.</exception>
    public static async Task<ProbeOutcome> Check(HTTPGetAction action, Container container, string address, CancellationToken cancel)
    {
        try
        {
            var response = await HttpGet.Send(action, container, address, UserAgent, cancel);
            return response.StatusCode switch
            {
                >= 200 and < 300 => ProbeOutcome.Success(),
                >= 300 and < 400 => new ProbeOutcome(ProbeResult.Warning, $"Probe terminated redirects, Response body: {response.Body}"),
                // Without the body: it may tell what is not for everybody's eyes (kubernetes/kubernetes#99425).
                _ => ProbeOutcome.Failure($"HTTP probe failed with statuscode: {response.StatusCode}"),
            };
        }
        catch (HttpGetException e) { return ProbeOutcome.Failure(e.Message); }
    }
}
