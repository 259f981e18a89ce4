<?php

namespace App\Http\Controllers;

use App\Events\NoticeSent;
use App\Models\User;
use Illuminate\Http\Request;
use Illuminate\Http\Response;

class WaveController
{
    public function __invoke(Request $request, User $user): Response
    {
        broadcast(new NoticeSent($user, "{$request->user()->name} waves at you."));

        return response()->noContent();
    }
}
