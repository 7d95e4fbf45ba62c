using System.Net;

namespace NodeAgent.ServiceProxy.Model;

/// <summary>One backend of a Service's port.</summary>
/// <param name="Terminating">On its way out; takes new connections only where nothing else does.</param>
/// <param name="Local">On this node.</param>
/// <param name="Origin">The EndpointSlice.</param>
internal sealed record ServiceEndpoint(IPAddress Address, int Port, bool Ready, bool Terminating, bool Local, Origin Origin)
{
    /// <summary>Whether rules for the one are rules for the other, whatever version of whichever slice they came from.</summary>
    public bool IsServedLike(ServiceEndpoint other) => Port == other.Port && Local == other.Local && Address.Equals(other.Address);

    public override string ToString() => $"{Address}:{Port}";
}
