"""What happened and what to do, as the session and its helpers name it: key → (English, 中文)."""

NOTICES: dict[str, tuple[str, str]] = {
    # the session's own
    "code_before_parcel": (
        "With a pickup code, type first and fetch the parcel after. Show your identity code instead.",
        "使用取件码请先输入再取包裹。现在请出示身份码。",
    ),
    "enrol_needs_network": (
        "A face can be enrolled only while the network is up. Please come back to it another time.",
        "网络中断，暂时无法录入人脸，请下次再办理。",
    ),
    "enrol_no_picture": (
        "No clear picture could be taken. Please try again in better light.",
        "没有拍到清晰的画面，请在光线好时再试。",
    ),
    "face_blurred": ("The picture is blurred. Hold still, please.", "画面模糊，请保持不动。"),
    "face_forgotten": ("Your face was deleted from this kiosk.", "已删除本机上的人脸信息。"),
    "face_not_found": (
        "Nobody was recognised. Show your identity code, or choose another way.",
        "没有识别到，请出示身份码或换一种方式。",
    ),
    "face_nobody_enrolled": (
        "No enrolled face waits for a parcel here. Show your identity code.",
        "没有已录入人脸的待取包裹，请出示身份码。",
    ),
    "face_not_one_person": (
        "The face changed in between. One person at a time, please.",
        "中途换了人，请一人一次。",
    ),
    "face_not_seen": ("No face was seen. Look into the camera, please.", "没有看到面部，请正对摄像头。"),
    "face_several": (
        "There is more than one face. One person at a time, please.",
        "画面中不止一人，请一人一次。",
    ),
    "face_too_bright": (
        "It is too bright behind you or in front. Turn a little, please.",
        "光线太强，请稍微转身。",
    ),
    "face_too_dark": ("It is too dark to see you. More light, please.", "光线太暗，请到亮一点的地方。"),
    "face_too_far": ("Come a little closer, please.", "请靠近一点。"),
    "face_turn_not_seen": (
        "The turn of your head was not seen. Try again, a little further.",
        "没有看到转头，请再试一次，幅度大一点。",
    ),
    "face_turn_other_way": (
        "That was the other side. Turn your head as the arrow shows.",
        "方向反了，请按箭头方向转头。",
    ),
    "face_turned_away": ("Look straight into the camera, please.", "请正对摄像头。"),
    "face_unsteady": ("Hold still for a moment, please.", "请保持片刻不动。"),
    "guardian_is_other": (
        "This is your own code. A parent or guardian shows theirs.",
        "这是您自己的身份码，请监护人出示其身份码。",
    ),
    "held": ("This parcel is handed over at the counter. Please ask there.", "这件包裹需到柜台领取。"),
    "no_answer": (
        "There was no answer in time. Please try again or call staff.",
        "没有及时得到答复，请再试一次或呼叫店员。",
    ),
    "not_yours": ("This one is not yours. Please put it back.", "这件不是您的，请放回原处。"),
    "one_moment": ("One moment, please.", "请稍候。"),
    "other_code": (
        "This one has a pickup code of its own. Take it with that code or your identity code.",
        "这件包裹有自己的取件码，请用该取件码或身份码领取。",
    ),
    "parcel_not_here": (
        "This parcel is not one that waits here. Please call staff.",
        "系统中没有这件待取包裹，请呼叫店员。",
    ),
    "staff_told": ("Staff know which one is missing and are coming.", "已通知店员查找，请稍候。"),
    "type_all": ("Something is missing. Please type all of it.", "还没有输完，请输入完整。"),
    "way_needs_network": (
        "This way needs the network, which is down. Show your identity code or call staff.",
        "网络中断，此方式暂不可用。请出示身份码或呼叫店员。",
    ),
    "way_off": (
        "This station does not use this way. Please choose another.",
        "本站未开通此方式，请选择其他方式。",
    ),
    # refusals, the station's and the kiosk's own (kiosk/refusals.py)
    "refused_already_handed_over": (
        "This parcel has been handed over already. Please ask at the counter.",
        "这件包裹已经出库，请到柜台查询。",
    ),
    "refused_clock_wrong": (
        "The clock of this kiosk is wrong, so it cannot check your code. Please go to the counter.",
        "取件机的时间不准，无法核对，请到柜台办理。",
    ),
    "refused_face_not_agreed": (
        "Collecting by face is not switched on for you. Show your identity code.",
        "您尚未同意刷脸取件，请出示身份码。",
    ),
    "refused_guardian_not_fit": (
        "The guardian shows the identity code of a grown-up's own account.",
        "请监护人出示本人的身份码，且须为成年人。",
    ),
    "refused_identity_code_expired": (
        "This code is too old. Open the page on your phone again and show the new one.",
        "身份码已过期，请在手机上刷新后出示。",
    ),
    "refused_identity_code_invalid": (
        "This is not an identity code of this network. Open “My identity code” on your phone.",
        "这不是本网络的身份码，请在手机页面上打开身份码。",
    ),
    "refused_identity_code_used": (
        "This code was used already. Wait for the next one on your phone.",
        "身份码已使用，请等待手机上的下一个。",
    ),
    "refused_in_doubt": (
        "It is not certain whether this went through. Please wait here, staff are coming.",
        "暂时无法确认是否完成，请稍候，店员马上就来。",
    ),
    "refused_is_held": (
        "This parcel is handed over at the counter. Please ask there.",
        "这件包裹需到柜台领取。",
    ),
    "refused_list_old": (
        "The network has been down for too long. Please go to the counter.",
        "断网时间过长，请到柜台办理。",
    ),
    "refused_needs_network": (
        "This needs the network, which is down. Show your identity code or call staff.",
        "网络中断，暂时无法核对。请出示身份码或呼叫店员。",
    ),
    "refused_not_found": (
        "It was not found here. Please check it, or call staff.",
        "没有查到，请核对或呼叫店员。",
    ),
    "refused_not_your_parcel": ("This one is not yours. Please put it back.", "这件不是您的，请放回原处。"),
    "refused_other": ("This cannot be done here. Please go to the counter.", "这里无法办理，请到柜台。"),
    "refused_other_station": (
        "This code is for another station.",
        "这个身份码属于另一家驿站。",
    ),
    "refused_pickup_code_or_tail_wrong": (
        "Pickup code and phone digits do not fit together. Check the message and try again.",
        "取件码与手机尾号不符，请核对短信后再试。",
    ),
    "refused_proxy_code_wrong": (
        "This code is not known. Check it with the person who sent it.",
        "代取码不对，请与委托人核对。",
    ),
    "refused_proxy_expired": (
        "This code has expired. Ask for a new one.",
        "代取码已过期，请委托人重新生成。",
    ),
    "refused_proxy_revoked": (
        "This code was taken back by the person who sent it.",
        "委托人已撤回这个代取码。",
    ),
    "refused_proxy_used": ("This code was used already.", "代取码已使用。"),
    "refused_session_over": ("Your visit has ended. Please begin again.", "操作已超时，请重新开始。"),
    "refused_six_digits_wrong": (
        "The digits do not fit together. Type those your phone shows now.",
        "数字不符，请输入手机上现在显示的数字。",
    ),
    "refused_tail_needed": (
        "Type the last 4 digits of your phone too.",
        "请同时输入手机尾号后 4 位。",
    ),
    "refused_too_many_attempts": (
        "Too many tries. Wait 15 minutes, show your identity code, or call staff.",
        "尝试次数过多。请 15 分钟后再试，或出示身份码、呼叫店员。",
    ),
    "refused_waybill_mismatch": (
        "The label does not fit this parcel. Please ask at the counter.",
        "面单与包裹不符，请到柜台查询。",
    ),
    "refused_way_off": (
        "This station does not use this way. Please choose another.",
        "本站未开通此方式，请选择其他方式。",
    ),
}
