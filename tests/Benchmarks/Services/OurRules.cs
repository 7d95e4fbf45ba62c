using System.Net;
using Linux;
using NodeAgent.ServiceProxy.IptablesMode;
using NodeAgent.ServiceProxy.Model;

namespace Benchmarks.Services;

/// <summary>Our rules for made-up Services in a namespace, written by a back end alone: no informer, no loop.</summary>
internal sealed class OurRules(Space space, IptablesBackend backend)
{
    private readonly IptablesKernel kernel = new(new Iptables(backend, space.TryRun));
    private readonly Dictionary<int, KubeApi.Objects.EndpointSlice> slices = [];
    private IReadOnlyList<KubeApi.Objects.Service> services = [];
    private IptablesRules written = IptablesRules.Empty;

    public async Task Load(int count, CancellationToken cancel)
    {
        services = MadeUpServices.Services(count);
        for (var service = 0; service < count; service++) slices[service] = MadeUpServices.Slice(service, MadeUpServices.Endpoints(service));
        await Write(cancel);
    }

    public async Task Change(int service, IReadOnlyList<IPAddress> endpoints, CancellationToken cancel)
    {
        slices[service] = MadeUpServices.Slice(service, endpoints);
        await Write(cancel);
    }

    private async Task Write(CancellationToken cancel)
    {
        var wanted = IptablesRenderer.Render(ServiceTable.Of(services, slices.Values, MadeUpServices.Facts));
        var (texts, result) = IptablesRules.Between(written, wanted, kernel.ChainsPerCall);
        await kernel.Write(texts, cancel);
        written = result;
    }
}
