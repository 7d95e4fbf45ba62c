using ControlPlane.Authentication;
using ControlPlane.Authorization;
using ControlPlane.Certificates;
using ControlPlane.Store;

namespace ControlPlane.ApiServer;

/// <summary>Everything that tells who is asking and what they may do, composed.</summary>
internal sealed class Identity
{
    public Identity(ClusterCa authority, ServiceAccountKeys keys, ObjectStore store)
    {
        ServiceAccountTokens = new ServiceAccountTokens(store, new JsonWebToken(keys));
        Tokens = new TokenAuthenticator(ServiceAccountTokens, new BootstrapTokens(store));
        Authenticator = new RequestAuthenticator(new ClientCertificates(authority.Certificate), Tokens);
        Authorizer = new Authorizer(store);
        Impersonation = new Impersonation(Authorizer);
        OpenId = new OpenIdDiscovery(keys);
    }

    public RequestAuthenticator Authenticator { get; }
    public TokenAuthenticator Tokens { get; }
    public ServiceAccountTokens ServiceAccountTokens { get; }
    public Impersonation Impersonation { get; }
    public Authorizer Authorizer { get; }
    public OpenIdDiscovery OpenId { get; }
}
