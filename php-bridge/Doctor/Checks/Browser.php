<?php

declare(strict_types=1);

namespace Revurb\Doctor\Checks;

use Revurb\Doctor\Check;
use Revurb\Doctor\CheckResult;
use Revurb\Doctor\Code;
use Revurb\Doctor\Context\Browsers;
use Revurb\Doctor\Context\DoctorContext;
use Revurb\Doctor\Probes\ConnectionError;
use Revurb\Doctor\Probes\Diagnosis;
use Revurb\Doctor\Probes\Endpoint;
use Revurb\Doctor\Probes\FirstFrame;
use Revurb\Doctor\Probes\Probes;
use Revurb\Doctor\Probes\Proxy;
use Revurb\Doctor\Probes\Reply;
use Revurb\Doctor\Probes\Unreachable;

/**
 * Connects as a browser does: a WebSocket on `/app/{key}`, through every proxy on the way.
 */
final readonly class Browser implements Check
{
    /** Of a list that is shown. */
    private const MAX_ORIGINS = 5;

    public function __construct(
        private DoctorContext $context,
        private Probes $probes,
        private Diagnosis $diagnosis,
        private ZeroConnections $zero,
    ) {}

    public function run(): CheckResult
    {
        $browsers = $this->context->browsers;
        $answer = $this->probes->browser();

        if ($browsers === null || $answer === null) {
            return CheckResult::problem(Code::PublisherMissing, 'no address for browsers', $this->context->publisherFault, 'See addresses.');
        }

        $endpoint = new Endpoint($browsers->address, $browsers->address->url("/app/{$browsers->key}", 'ws'), '/app', $browsers->prefix);

        return match (true) {
            $answer instanceof Unreachable => $this->untrusted($endpoint, $answer) ?? $this->diagnosis->unreachable($endpoint, $answer),
            $answer->status === 101 => $this->judgeFirstFrame($endpoint, $answer, $browsers),
            $answer->refusal() === 'bad-handshake' || $answer->status === Probes::UPGRADE_REQUIRED => CheckResult::problem(Code::NoUpgrade, $endpoint->url, 'The proxy passes the request on without its upgrade headers, so that no WebSocket opens.', Proxy::of($answer)->upgrade($this->context)),
            default => $this->diagnosis->strange($endpoint, $answer),
        };
    }

    /** Browsers may trust authorities that PHP does not, such as that of a development certificate. */
    private function untrusted(Endpoint $endpoint, Unreachable $unreachable): ?CheckResult
    {
        $again = $unreachable->error === ConnectionError::Certificate ? $this->probes->browserWithAnyCertificate() : null;
        $isEstablished = $again instanceof Reply && FirstFrame::in($again->body)?->isEstablished === true;
        $result = $this->diagnosis->unreachable($endpoint, $unreachable);

        return $isEstablished ? CheckResult::warning($result->code, $result->subject, "{$result->problem} Browsers may refuse it too.", (string) $result->fix) : null;
    }

    private function judgeFirstFrame(Endpoint $endpoint, Reply $answer, Browsers $browsers): CheckResult
    {
        $firstFrame = FirstFrame::in($answer->body);

        if ($firstFrame === null) {
            return CheckResult::problem(Code::NoFrames, $endpoint->url, 'The WebSocket opens, and no frame arrives.', Proxy::of($answer)->unbuffered($this->context));
        }

        return match (true) {
            $firstFrame->isEstablished => CheckResult::ok("{$endpoint->url} opens a WebSocket"),
            $firstFrame->code === 4001 => CheckResult::problem(Code::AppUnknown, $endpoint->url, "The server has no app with the key {$browsers->key}.", $this->unknownKey($browsers)),
            $firstFrame->code === 4003 => CheckResult::problem(Code::AppDisabled, $endpoint->url, 'The app is disabled.', "config/reverb.php: apps.apps.*.enabled => true{$this->diagnosis->thenRestart()}"),
            $firstFrame->code === 4004 => $this->zero->result() ?? CheckResult::warning(
                Code::ConnectionsExhausted,
                $endpoint->url,
                'The app has all the connections that it may have.',
                "{$this->context->env->place('REVERB_APP_MAX_CONNECTIONS')}, or config/reverb.php: apps.apps.*.max_connections (empty: no limit){$this->diagnosis->thenRestart()}",
            ),
            $firstFrame->code === 4009 => $this->wrongOrigin($endpoint, $browsers),
            $firstFrame->code === 4100 => CheckResult::warning(Code::ServerFull, $endpoint->url, "The server is full: {$firstFrame->message}.", 'ulimit -n of the server: see descriptors'),
            $firstFrame->code === 4200 => CheckResult::warning(Code::ServerStopping, $endpoint->url, 'The server is about to stop.', 'Run reverb:doctor again in a moment.'),
            default => CheckResult::problem(Code::ConnectionRejected, $endpoint->url, "The server answers: {$firstFrame->message}", 'php artisan reverb:restart'),
        };
    }

    private function unknownKey(Browsers $browsers): string
    {
        return $this->context->appWith('key', $browsers->key) === null
            ? $this->context->env->refer($browsers->keyName, preg_replace('/^VITE_/', '', $browsers->keyName) ?? '')
            : 'php artisan reverb:restart, as it runs on an older configuration';
    }

    private function wrongOrigin(Endpoint $endpoint, Browsers $browsers): CheckResult
    {
        $origin = $browsers->origin;
        $host = parse_url($origin, PHP_URL_HOST);
        $added = is_string($host) ? "'{$host}'" : 'the host of your pages';
        $index = array_search($browsers->key, array_column($this->context->apps(), 'key'), true);

        return CheckResult::problem(
            Code::OriginRefused,
            $endpoint->url,
            $origin === '' ? 'The app accepts no client without an Origin header.' : "The app does not accept clients of pages from {$origin} (APP_URL).",
            "config/reverb.php: add {$added} to apps.apps.".($index === false ? '*' : $index).".allowed_origins{$this->allowed($browsers)}{$this->diagnosis->thenRestart()}",
        );
    }

    /** What the list has, which has to stay in it. */
    private function allowed(Browsers $browsers): string
    {
        $origins = $this->context->appWith('key', $browsers->key)['allowed_origins'] ?? null;
        $origins = is_array($origins) ? array_values(array_filter($origins, is_string(...))) : [];
        $more = count($origins) - self::MAX_ORIGINS;
        $shown = array_map(static fn (string $origin): string => "'{$origin}'", array_slice($origins, 0, self::MAX_ORIGINS));

        return $shown === [] ? '' : ' (it has '.implode(', ', $shown).($more > 0 ? " and {$more} more" : '').')';
    }
}
