using KubeApi;
using KubeApi.Objects;

namespace ControlPlane.Controllers;

/// <summary>What the controllers of Endpoints and EndpointSlices share: a Service is looked at when it or a pod it selects changes.</summary>
internal abstract class ServiceMembersController(string name, SharedInformers informers, Action<string> log) : Controller(name, log)
{
    protected SharedInformers Informers => informers;

    public override void Watch()
    {
        informers.Services.Changed += (old, updated) => Queue.Add((updated ?? old)!.Key);
        informers.Pods.Changed += (old, updated) =>
        {
            // By both label sets: a pod whose labels change leaves one Service and may join another.
            foreach (var service in informers.ServicesByNamespace[(updated ?? old)!.Namespace])
                if (Selects(service, old) || Selects(service, updated)) Queue.Add(service.Key);
        };
    }

    protected IReadOnlyList<ServiceEndpoint> MembersOf(Service service) => ServiceEndpoint.Of(service, informers.PodsByNamespace[service.Namespace]);

    internal static bool Selects(Service service, Pod? pod) =>
        pod is not null && ServiceEndpoint.IsManaged(service) && Selector.OfLabels(service.Spec!.Selector!).Matches(pod.Metadata.Labels);
}
