namespace KubeApi;

/// <summary>
/// A handler whose certificate can be replaced while it is in use: requests from then on go by the new one, those that are
/// under way (watches too) end on the connections they have.
/// </summary>
public sealed class RenewableHandler(HttpMessageHandler first) : HttpMessageHandler
{
    private volatile HttpMessageInvoker current = new(first);

    /// <summary>The one before is not disposed, which would cut what is under way; its idle connections close by themselves.</summary>
    public void Renew(HttpMessageHandler next) => current = new HttpMessageInvoker(next);

    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) => current.SendAsync(request, cancellationToken);

    protected override void Dispose(bool disposing)
    {
        if (disposing) current.Dispose();
        base.Dispose(disposing);
    }
}
