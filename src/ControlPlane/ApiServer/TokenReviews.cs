using ControlPlane.Authentication;
using KubeApi.Objects;

namespace ControlPlane.ApiServer;

/// <summary>POST of TokenReview and SelfSubjectReview: whose a token is, and as whom the server sees the one who asks.</summary>
internal sealed class TokenReviews(TokenAuthenticator tokens)
{
    /// <exception cref="StatusException">The body is refused.</exception>
    public async Task Token(ApiRequest request)
    {
        var review = await RequestBody.ReadObject<TokenReview>(request, typeof(TokenReview));
        if (review.Spec.Token.Length == 0) throw StatusException.BadRequest("token is required for TokenReview in authentication");
        var audiences = review.Spec.Audiences is { Count: > 0 } asked ? asked : TokenAuthenticator.ApiAudiences;
        var status = tokens.Authenticate(review.Spec.Token, audiences) is { } identity
            ? new TokenReviewStatus { Authenticated = true, User = Info(identity.User), Audiences = identity.Audiences }
            : new TokenReviewStatus { User = new UserInfo(), Error = "invalid bearer token" };
        await Answer.Json(request.Http, 201, review with { Status = status });
    }

    /// <exception cref="StatusException">The body is refused.</exception>
    public static async Task Self(ApiRequest request)
    {
        var review = await RequestBody.ReadObject<SelfSubjectReview>(request, typeof(SelfSubjectReview));
        await Answer.Json(request.Http, 201, review with
        {
            Metadata = review.Metadata with { CreationTimestamp = DateTime.UtcNow }, Status = new SelfSubjectReviewStatus { UserInfo = Info(request.User) },
        });
    }

    private static UserInfo Info(User user) => new()
    {
        Username = user.Name, Uid = user.Uid.Length > 0 ? user.Uid : null, Groups = user.Groups, Extra = user.Extra,
    };
}
